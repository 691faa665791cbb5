"use strict";
(function () {
  var given = JSON.parse(document.getElementById("specs").textContent);
  var views = [];
  var options = {
    config: given.config,
    renderer: "svg",
    actions: false,
    ast: true,
    defaultStyle: false,
    tooltip: { disableDefaultStyle: true },
    loader: { http: false },
  };

  function draw(place) {
    return vegaEmbed(place, given.charts[place.dataset.chart], options).then(
      function (made) {
        views.push({ place: place, view: made.view });
        place.dataset.drawn = "yes";
      },
      function (problem) {
        place.dataset.drawn = "no";
        place.textContent = "This chart could not be drawn; its numbers are in the table below.";
        console.error(problem);
      }
    );
  }

  function fit() {
    views.forEach(function (one) {
      one.view.width(one.place.clientWidth).run();
    });
  }

  // Shades at the sides only where there is more to scroll to: elsewhere they would show as faint lines.
  function shade() {
    document.querySelectorAll('.scroll,[class*="wide-"]>.pan').forEach(function (one) {
      one.classList.toggle("more", one.scrollWidth > one.clientWidth + 1);
    });
  }

  var places = Array.prototype.slice.call(document.querySelectorAll("[data-chart]"));
  Promise.all(places.map(draw)).then(function () {
    shade();
    document.documentElement.dataset.charts = "drawn";
  });
  window.addEventListener("resize", shade);
  document.addEventListener("toggle", shade, true);

  // Paper has its own width: charts are drawn again for it, and drawn back afterwards.
  window.addEventListener("beforeprint", function () {
    document.documentElement.classList.add("printing");
    fit();
  });
  window.addEventListener("afterprint", function () {
    document.documentElement.classList.remove("printing");
    fit();
  });
})();
