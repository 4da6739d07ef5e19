"use strict";
(() => {
  const search = document.getElementById("search");
  search.addEventListener("input", () => {
    const asked = search.value.trim().toLowerCase();
    let found = 0;
    document.querySelectorAll("#grids tbody tr").forEach((row) => {
      row.hidden = !row.dataset.words.includes(asked);
      found += row.hidden ? 0 : 1;
    });
    document.getElementById("none").hidden = found > 0;
  });
})();
