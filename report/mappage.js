// Lists and search of map.html; texts are read from the page, never put into it.
(function () {
  "use strict";
  const search = document.getElementById("page-search");
  const none = document.getElementById("page-none");
  const lines = Array.from(document.querySelectorAll("aside li"));
  const lists = Array.from(document.querySelectorAll("aside details"));
  const opened = lists.map((list) => list.open);
  const texts = lines.map((line) => line.textContent.toLowerCase());

  document.querySelector("aside").addEventListener("click", (event) => {
    const button = event.target.closest("button[data-show]");
    if (!button || !button.dataset.show) return;
    planMap.show(button.dataset.show);
    if (window.innerWidth < 800) document.querySelector(".page-map").scrollIntoView({ behavior: "smooth" });
  });
  search.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    let found = 0;
    lines.forEach((line, n) => {
      line.hidden = wanted !== "" && !texts[n].includes(wanted);
      if (!line.hidden) found += 1;
    });
    lists.forEach((list, n) => {
      list.open = wanted === "" ? opened[n] : list.querySelector("li:not([hidden])") !== null;
    });
    none.hidden = wanted === "" || found > 0;
  });
  window.addEventListener("load", () => { planMap.map.invalidateSize(); planMap.fit(); });
}());
