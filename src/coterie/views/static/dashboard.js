"use strict";
// The dashboard: draws the charts of the page, lets them be taken along, and keeps the filters open while they change.
(function () {
  var options = {
    renderer: "svg",
    actions: false,
    ast: true,
    defaultStyle: false,
    tooltip: { disableDefaultStyle: true },
    loader: { http: false },
  };
  var given = { charts: {} };
  var views = {};
  var opened = [];
  var held = {};
  var turns = 0;

  function draw(place) {
    var name = place.dataset.chart;
    return vegaEmbed(place, given.charts[name], Object.assign({ config: given.config }, options)).then(
      function (made) {
        place.style.minHeight = "";
        place.dataset.drawn = "yes";
        if (place.isConnected) views[name] = made;
        else made.finalize();
      },
      function (problem) {
        place.dataset.drawn = "no";
        place.textContent = "This chart could not be drawn; its numbers are in the table below.";
        console.error(problem);
      }
    );
  }

  function shade() {
    document.querySelectorAll('.scroll,[class*="wide-"]>.pan').forEach(function (one) {
      one.classList.toggle("more", one.scrollWidth > one.clientWidth + 1);
    });
  }

  function inWindow(place) {
    var box = place.getBoundingClientRect();
    return box.top < window.innerHeight && box.bottom > 0;
  }

  // Charts in the window first: whoever changes a filter looks at them, and waits for no other.
  function show() {
    var root = document.documentElement;
    var turn = (turns += 1);
    delete root.dataset.charts;
    Object.keys(views).forEach(function (name) {
      views[name].finalize();
    });
    views = {};
    given = JSON.parse(document.getElementById("specs").textContent);
    var places = Array.prototype.slice.call(document.querySelectorAll("[data-chart]"));
    // Room for those to come, so that what stands below them neither jumps nor counts as seen.
    places.forEach(function (one) {
      one.style.minHeight = (given.charts[one.dataset.chart].height || 0) + "px";
    });
    var rest = places.filter(function (one) {
      return !inWindow(one);
    });
    function next() {
      if (turn !== turns) return;
      var place = rest.shift();
      if (place) draw(place).then(function () { setTimeout(next); });
      else root.dataset.charts = "drawn";
    }
    Promise.all(places.filter(inWindow).map(draw)).then(function () {
      if (turn !== turns) return;
      shade();
      root.dataset.charts = "seen";
      setTimeout(next);
    });
  }

  function save(name, address) {
    var link = document.createElement("a");
    link.download = name;
    link.href = address;
    link.click();
  }

  function saveText(name, text, type) {
    var address = URL.createObjectURL(new Blob([text], { type: type }));
    save(name, address);
    setTimeout(function () {
      URL.revokeObjectURL(address);
    }, 1000);
  }

  // A cell that a spreadsheet would take for a formula gets an apostrophe in front.
  function cell(text) {
    var safe = /^[=+\-@\t\r]/.test(text) && !/^[+\-]?[\d.,]+%?$/.test(text) ? "'" + text : text;
    return '"' + safe.replace(/"/g, '""') + '"';
  }

  function asCsv(table) {
    return Array.prototype.map
      .call(table.rows, function (row) {
        return Array.prototype.map
          .call(row.cells, function (one) {
            return cell(one.textContent.trim());
          })
          .join(",");
      })
      .join("\r\n");
  }

  // A file stands alone: colours in place of tokens, its own width, title and measure.
  function alone(name, place) {
    var style = getComputedStyle(document.documentElement);
    var figure = place.closest("figure");
    var spec = JSON.parse(
      JSON.stringify({ spec: given.charts[name], config: given.config }).replace(/var\((--[\w-]+)\)/g, function (all, token) {
        return style.getPropertyValue(token).trim();
      })
    );
    spec.spec.width = place.clientWidth;
    spec.spec.title = {
      text: figure.querySelector('figcaption [id^="title-"]').textContent,
      subtitle: figure.querySelector(".measure").firstChild.textContent,
      anchor: "start",
      frame: "bounds",
      limit: place.clientWidth,
      subtitleLimit: place.clientWidth,
      color: style.getPropertyValue("--ink").trim(),
      subtitleColor: style.getPropertyValue("--ink-2").trim(),
      offset: 14,
    };
    spec.config.background = style.getPropertyValue("--paper").trim();
    spec.config.padding = 20;
    return vegaEmbed(document.createElement("div"), spec.spec, Object.assign({}, options, { config: spec.config, renderer: "none" }));
  }

  function take(button) {
    var name = button.dataset.of;
    var kind = button.dataset.take;
    var place = document.querySelector('[data-chart="' + CSS.escape(name) + '"]');
    var file = name + "." + kind;
    if (kind === "csv") {
      saveText(file, "\ufeff" + asCsv(place.closest("figure").querySelector(".numbers table")), "text/csv");
      return;
    }
    alone(name, place).then(function (made) {
      var done = kind === "svg" ? made.view.toSVG() : made.view.toImageURL("png", 2);
      return done.then(function (result) {
        if (kind === "svg") saveText(file, result, "image/svg+xml");
        else save(file, result);
        made.finalize();
      });
    });
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-take]");
    if (button) take(button);
    document.querySelectorAll("details.filter[open]").forEach(function (one) {
      if (!one.contains(event.target)) one.open = false;
    });
  });
  document.addEventListener("keydown", function (event) {
    var one = event.key === "Escape" && document.querySelector("details.filter[open]");
    if (one) {
      one.open = false;
      one.querySelector("summary").focus();
    }
  });
  document.addEventListener("change", function (event) {
    if (event.target.matches(".find, .day input")) event.stopPropagation();
  }, true);

  // A day is asked for once it is whole: while its year is typed, every digit is a change.
  ["focusout", "keydown"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      var day = event.target;
      if (!day.matches || !day.matches(".day input")) return;
      if (kind === "keydown" && event.key !== "Enter") return;
      if (kind === "keydown") event.preventDefault();
      if (day.value === day.defaultValue || !day.validity.valid) return;
      day.defaultValue = day.value;
      htmx.trigger(day.form, "days");
    });
  });

  // The next box is ticked from where the last one was.
  function hold() {
    var list = document.querySelector("details.filter[open] .choices");
    if (list) list.scrollTop = held.scrolled;
    var one = held.id && document.getElementById(held.id);
    if (one && one.closest("#filters")) one.focus({ preventScroll: true });
    held = {};
  }

  // What is empty is left out of the address.
  document.addEventListener("htmx:configRequest", function (event) {
    var given = event.detail.formData;
    if (!given) return;
    Array.from(given.keys()).forEach(function (name) {
      if (/^(since|until|find-.*)$/.test(name) && !given.get(name)) given.delete(name);
    });
  });
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.target.id !== "view") return;
    var list = document.querySelector("details.filter[open] .choices");
    held = { id: document.activeElement && document.activeElement.id, scrolled: list ? list.scrollTop : 0 };
    opened = Array.prototype.map.call(document.querySelectorAll("details[open][id]"), function (one) {
      return one.id;
    });
  });
  document.addEventListener("htmx:afterSettle", function (event) {
    if (/^options-/.test(event.target.id)) return;
    opened.forEach(function (id) {
      var one = document.getElementById(id);
      if (one) one.open = true;
    });
    hold();
    show();
  });
  window.addEventListener("resize", shade);
  document.addEventListener("toggle", shade, true);
  document.documentElement.classList.add("htmx-on");
  show();
})();
