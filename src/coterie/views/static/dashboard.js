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

  function draw(place) {
    var name = place.dataset.chart;
    return vegaEmbed(place, given.charts[name], Object.assign({ config: given.config }, options)).then(
      function (made) {
        views[name] = made;
        place.dataset.drawn = "yes";
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

  function show() {
    delete document.documentElement.dataset.charts;
    Object.keys(views).forEach(function (name) {
      views[name].finalize();
    });
    views = {};
    given = JSON.parse(document.getElementById("specs").textContent);
    var places = Array.prototype.slice.call(document.querySelectorAll("[data-chart]"));
    Promise.all(places.map(draw)).then(function () {
      shade();
      document.documentElement.dataset.charts = "drawn";
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
  document.addEventListener("input", function (event) {
    if (!event.target.matches(".find")) return;
    var text = event.target.value.toLocaleLowerCase();
    event.target
      .closest(".choices")
      .querySelectorAll("label")
      .forEach(function (one) {
        one.hidden = one.querySelector(".said").textContent.toLocaleLowerCase().indexOf(text) < 0;
      });
    event.stopPropagation();
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

  // What is empty is left out of the address.
  document.addEventListener("htmx:configRequest", function (event) {
    var given = event.detail.formData;
    ["since", "until"].forEach(function (name) {
      if (given && !given.get(name)) given.delete(name);
    });
  });
  document.addEventListener("htmx:beforeSwap", function () {
    opened = Array.prototype.map.call(document.querySelectorAll("details[open][id]"), function (one) {
      return one.id;
    });
  });
  document.addEventListener("htmx:afterSettle", function () {
    opened.forEach(function (id) {
      var one = document.getElementById(id);
      if (one) one.open = true;
    });
    show();
  });
  window.addEventListener("resize", shade);
  document.addEventListener("toggle", shade, true);
  document.documentElement.classList.add("htmx-on");
  show();
})();
