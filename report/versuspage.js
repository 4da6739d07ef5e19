// Two maps that move together, and a list that turns both to what is clicked; texts are read from the page, never put into it.
(function () {
  "use strict";
  const SIDES = ["one", "other"];
  const FEW = 12;  // more marks at once would hide the maps
  const made = versusData.sides.map((side, n) => {
    const map = L.map("map-" + SIDES[n], { zoomSnap: 0.25, minZoom: 3, maxZoom: 21, attributionControl: false });
    const layers = side.layers.map((layer) => Object.assign({}, layer, versusData.layers[layer.at]));
    return drawPlan(map, Object.assign({}, side, { layers: layers }));
  });

  // One leads, the other follows; a map that is led leads nobody.
  let led = false;
  function follow(leader, other) {
    if (led) return;
    led = true;
    other.map.setView(leader.map.getCenter(), leader.map.getZoom(), { animate: false });
    led = false;
  }
  made.forEach((plan, n) => plan.map.on("move", () => follow(plan, made[1 - n])));

  const everything = document.getElementById("versus-all");
  function mark(places) {
    made.forEach((plan, n) => plan.select(places[n].filter(Boolean)));
  }
  function turn(places) {
    const there = places.findIndex((found) => found.some(Boolean));
    mark(places);
    if (there >= 0) made[there].lookAt(places[there].filter(Boolean));
  }
  if (everything) everything.addEventListener("click", () => turn(versusData.moved));
  document.querySelector("aside").addEventListener("click", (event) => {
    const button = event.target.closest("li button");
    if (!button) return;
    document.querySelectorAll("li button.here").forEach((other) => other.classList.remove("here"));
    button.classList.add("here");
    turn(SIDES.map((side) => [button.dataset[side]]));
    if (window.innerWidth < 800) document.querySelector(".maps").scrollIntoView({ behavior: "smooth" });
  });
  window.addEventListener("load", () => {
    made.forEach((plan) => plan.resize());
    made[0].fit();
    if (versusData.moved[0].length <= FEW) mark(versusData.moved);
  });
  window.addEventListener("resize", () => made.forEach((plan) => plan.resize()));
}());
