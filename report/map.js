// Draws a plan on a Leaflet map, in the exported file and on the desk alike. Every text in `data` was encoded by
// report/maptext.py; it is decoded here and only ever becomes text nodes.
const planPlain = document.createElement("textarea");
function plainText(encoded) {
  planPlain.innerHTML = encoded === undefined || encoded === null ? "" : encoded;  // a textarea holds no elements
  return planPlain.value;
}
function planElement(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = plainText(text);
  return made;
}

// `hear` has `picked(place, add)` and `boxed(places)`; without it the map is only looked at.
function drawPlan(map, data, hear) {
  "use strict";
  // From bottom to top. What is many and never clicked is drawn on canvas.
  const PANES = [
    ["ground", true], ["areas", false], ["buildings", true], ["communities", false], ["outlines", false], ["lines", false],
    ["points", false], ["selection", false]
  ];
  const PANE_OF = { ground: "ground", areas: "areas", buildings: "buildings", communities: "communities", links: "lines",
    refused: "lines", barriers: "lines", gates: "points", facilities: "points" };
  const renderers = {};
  PANES.forEach(([name, canvas], n) => {
    const pane = map.createPane("plan-" + name);
    pane.style.zIndex = 300 + 10 * n;
    if (canvas) pane.style.pointerEvents = "none";
    renderers[name] = canvas ? L.canvas({ pane: "plan-" + name, padding: 0.3 }) : L.svg({ pane: "plan-" + name, padding: 0.3 });
  });

  const layers = new Map();    // key → what Python said of the layer
  const groups = new Map();    // key → what is drawn of it
  const shapes = new Map();    // "areas:3" → its shape
  const shown = new Set();
  const labels = planLabels(map, (key) => shown.has(key), data.signs);
  let colouring = null;        // null: by area
  let states = { style: [], signs: [], colourings: [] };

  // --- style -------------------------------------------------------------------------------------

  // Leaflet keeps of an old style what a new one does not name.
  const PLAIN = { dashArray: null, opacity: 1, fillOpacity: 0.2 };

  // Seen from afar lines and dots get finer, or a dense town drowns in ink.
  function fineness() {
    const zoom = map.getZoom();
    return zoom === undefined ? 1 : Math.round(4 * Math.min(1, Math.max(0.25, (zoom - 11.5) / 4))) / 4;
  }

  function metrePx() {
    const zoom = map.getZoom() || 15;
    return Math.pow(2, zoom) * 256 / (40075016.7 * Math.cos(map.getCenter().lat * Math.PI / 180));
  }

  function scaled(look, fine) {
    const weight = look.metres ? Math.max(look.weight, Math.min(60, look.metres * metrePx())) + (look.beyond || 0) : look.weight * fine;
    return Object.assign({}, look, { weight: weight, radius: (look.radius || 4) * (0.3 + 0.7 * fine) });
  }

  function styleOf(feature) {
    const p = feature.properties;
    const own = p.layer === "communities" ? states.style[p.uid] || "member" : p.style;
    const look = Object.assign({}, PLAIN, scaled(data.styles[own], fineness()));
    if (p.layer === "areas") {
      look.fillColor = look.fillColor || data.fills[p.fill];
      if (colouring) Object.assign(look, { fillOpacity: 0.03, weight: look.weight + 0.8, color: "#1f1d1a" });
    }
    if (p.layer === "communities" && colouring) {
      const one = colouring.classes[colouring.rows[p.uid]];
      if (one) Object.assign(look, { fillColor: one[1], fillOpacity: 0.88, color: "#57524a", weight: 0.8, dashArray: null });
    }
    return look;
  }

  // --- drawing -----------------------------------------------------------------------------------

  function many(features, style, renderer) {
    const lines = [], rings = [], group = L.layerGroup();
    for (const feature of features) {
      const g = feature.geometry, at = L.GeoJSON.coordsToLatLngs;
      if (g.type === "LineString") lines.push(at(g.coordinates));
      if (g.type === "MultiLineString") lines.push(...at(g.coordinates, 1));
      if (g.type === "Polygon") rings.push(at(g.coordinates, 1));
      if (g.type === "MultiPolygon") rings.push(...at(g.coordinates, 2));
      if (g.type === "Point") group.addLayer(L.circleMarker(L.GeoJSON.coordsToLatLng(g.coordinates), { style: style, renderer: renderer, interactive: false }));
    }
    const options = { style: style, renderer: renderer, interactive: false, smoothFactor: 0.7 };
    if (rings.length) group.addLayer(L.polygon(rings, options));
    if (lines.length) group.addLayer(L.polyline(lines, options));
    return group;
  }

  // The ground: each kind is one shape, in the order of `data.ground`; a road's edge lies under all roads.
  function ground(layer) {
    const group = L.layerGroup();
    for (const style of data.ground) {
      const kind = data.styles[style].of || style;
      const features = layer.features.filter((feature) => feature.properties.style === kind);
      if (features.length) many(features, style, renderers.ground).eachLayer((shape) => group.addLayer(shape));
    }
    return group;
  }

  function single(layer) {
    const renderer = renderers[PANE_OF[layer.key] || "outlines"];
    const clicked = layer.key === "areas" || layer.key === "communities";
    const hinted = layer.key === "refused";  // why two neighbours are none is read under the pointer
    const group = L.geoJSON({ type: "FeatureCollection", features: layer.features }, {
      style: styleOf, renderer: renderer, interactive: clicked || hinted || (!hear && layer.fields.length > 0), smoothFactor: 0.5,
      pointToLayer: (feature, place) => L.circleMarker(place, Object.assign({ renderer: renderer, interactive: clicked }, styleOf(feature))),
      onEachFeature: (feature, shape) => {
        const p = feature.properties, place = p.layer + ":" + p.uid;
        shape.options.className = "plan-shape plan-" + p.layer + " at-" + p.layer + "-" + p.uid;
        shape.options.renderer = renderer;
        shapes.set(place, shape);
      }
    });
    group.on("click", (event) => {
      const p = event.layer.feature.properties, by = event.originalEvent || {};
      if (hear && clicked) hear.picked(p.layer + ":" + p.uid, Boolean(by.ctrlKey || by.metaKey || by.shiftKey));
      else if (!hear && layer.fields.length) open(event.layer.feature, event.latlng);
    });
    return group;
  }

  function put(layer) {
    for (const [place] of [...shapes]) if (place.startsWith(layer.key + ":")) shapes.delete(place);
    if (groups.has(layer.key)) map.removeLayer(groups.get(layer.key));
    layers.set(layer.key, layer);
    const group = layer.key === "ground" ? ground(layer)
      : layer.key === "buildings" ? many(layer.features, "building", renderers.buildings) : single(layer);
    groups.set(layer.key, group);
    labels.put(layer, (place) => shapes.get(place));
    if (shown.has(layer.key)) group.addTo(map);
    restyleMany();
    select(selected);
  }

  function restyleMany() {
    for (const key of ["ground", "buildings"]) {
      if (groups.has(key)) groups.get(key).eachLayer((shape) => shape.setStyle(scaled(data.styles[shape.options.style], fineness())));
    }
  }

  function restyle() {
    for (const [key, group] of groups) if (key !== "ground" && key !== "buildings") group.setStyle(styleOf);
    restyleMany();
    patterns();
  }

  // What hatches say in a black-and-white print; a pattern must stand in the picture that uses it.
  function patterns() {
    for (const name of ["areas", "communities"]) {
      const picture = map.getPane("plan-" + name).querySelector("svg");
      if (!picture || picture.querySelector("defs")) continue;
      picture.insertBefore(planPatterns(data.patterns), picture.firstChild);
    }
  }

  function show(key, on) {
    if (on) shown.add(key); else shown.delete(key);
    const group = groups.get(key);
    if (!group) return;
    if (on) group.addTo(map); else map.removeLayer(group);
    patterns();
    labels.place();
  }

  // --- what is selected, and where to look ---------------------------------------------------------

  const marks = L.layerGroup().addTo(map);
  let selected = [];
  function select(places) {
    selected = places;
    marks.clearLayers();
    for (const place of places) {
      const shape = shapes.get(place);
      if (!shape) continue;
      for (const style of ["selected_edge", "selected"]) {
        const options = Object.assign({ renderer: renderers.selection, interactive: false }, data.styles[style]);
        options.className = "plan-selected selected-" + place.replace(":", "-");
        const at = shape.getLatLngs ? shape.getLatLngs() : shape.getLatLng();
        marks.addLayer(!shape.getLatLngs ? L.circleMarker(at, options) : shape instanceof L.Polygon ? L.polygon(at, options) : L.polyline(at, options));
      }
    }
  }

  let looked = [data.bounds], fitting = false, moved = false;
  map.on("movestart", () => { moved = moved || !fitting; });
  function fit(bounds, closest) {
    if (!bounds) return;
    looked = [bounds, closest];
    const taken = legend.takes();
    fitting = true;
    map.fitBounds(bounds, { paddingTopLeft: [24 + taken.left, 24], paddingBottomRight: [24, 40 + taken.foot], maxZoom: closest || 18, animate: false });
    fitting = false;
    moved = false;
  }

  // The legend covers more or less of the map than before: what is looked at comes out from under it, unless somebody moved the map since.
  function refit() {
    if (!moved) fit(...looked);
  }

  function lookAt(places) {
    const box = L.latLngBounds([]);
    for (const place of places) {
      const shape = shapes.get(place);
      if (shape) box.extend(shape.getBounds ? shape.getBounds() : shape.getLatLng());
    }
    if (box.isValid()) fit([[box.getSouth(), box.getWest()], [box.getNorth(), box.getEast()]], 16.75);
  }

  // --- cards of the exported file, and names under the pointer --------------------------------------

  function open(feature, place) {
    const p = feature.properties, fields = layers.get(p.layer).fields;
    const card = planElement("div", "plan-card"), lines = planElement("dl");
    card.append(planElement("h3", "", p.label || p.title), lines);
    p.values.forEach((value, n) => { if (value) lines.append(planElement("dt", "", fields[n]), planElement("dd", "", value)); });
    L.popup({ maxWidth: 300, autoPanPadding: [20, 20] }).setLatLng(place).setContent(card).openOn(map);
  }

  if (hear && matchMedia("(hover: hover)").matches) {
    const name = planElement("div", "plan-hover");
    name.hidden = true;
    map.getContainer().appendChild(name);
    for (const key of ["areas", "communities", "lines"]) {
      map.getPane("plan-" + key).addEventListener("mousemove", (event) => {
        const found = /at-(\w+)-(\d+)/.exec(event.target.getAttribute("class") || "");
        const shape = found && shapes.get(found[1] + ":" + found[2]);
        name.hidden = !shape;
        if (!shape) return;
        const p = shape.feature.properties, box = map.getContainer().getBoundingClientRect();
        name.textContent = plainText(p.label || p.title) + (p.sub ? " · " + plainText(p.sub) : "");
        name.style.transform = "translate(" + (event.clientX - box.left + 14) + "px," + (event.clientY - box.top + 16) + "px)";
      });
      map.getPane("plan-" + key).addEventListener("mouseleave", () => { name.hidden = true; });
    }
    map.on("movestart mouseout", () => { name.hidden = true; });
  }

  // --- a box drawn with Shift held down --------------------------------------------------------------

  if (hear) {
    map.boxZoom.disable();
    const Box = L.Map.BoxZoom.extend({
      _onMouseUp: function (event) {
        if (event.which !== 1 && event.button !== 1) return;
        this._finish();
        if (!this._moved) return;
        this._clearDeferredResetState();
        this._resetStateTimeout = setTimeout(L.Util.bind(this._resetState, this), 0);
        const box = L.latLngBounds(map.containerPointToLatLng(this._startPoint), map.containerPointToLatLng(this._point));
        const inside = (layers.get("communities") || { features: [] }).features.filter((feature) => box.contains(feature.properties.at));
        hear.boxed(inside.map((feature) => "communities:" + feature.properties.uid));
      }
    });
    new Box(map).enable();
  }

  // --- begin -------------------------------------------------------------------------------------

  const legend = planLegend(map, data, {
    show: show,
    colour: (key) => {
      colouring = states.colourings.find((one) => one.key === key) || null;
      restyle();
      return colouring;
    },
    everything: () => fit(data.everything),
    grown: refit
  });

  function dress(given) {
    states = given;
    if (colouring) colouring = states.colourings.find((one) => one.key === colouring.key) || null;
    legend.colourings(states.colourings, colouring);
    restyle();
    labels.dress(states.signs);
  }

  for (const layer of data.layers) if (layer.on && !shown.has(layer.key)) shown.add(layer.key);
  shown.add("ground");
  fit(data.bounds);
  for (const layer of data.layers) if (layer.features) put(layer);
  if (data.states) dress(data.states);
  let drawn = null;
  map.on("zoomend", () => {
    if (fineness() !== drawn) restyle(); else restyleMany();
    drawn = fineness();
  });
  map.on("moveend zoomend resize", labels.place);
  labels.place();
  // A style sheet that arrives after the map changes the size of the map and of its legend.
  for (const sheet of document.querySelectorAll("link[rel=stylesheet]")) {
    sheet.addEventListener("load", () => { map.invalidateSize(); legend.fold(); fit(...looked); });
  }

  return {
    map: map,
    fit: () => fit(data.bounds),
    layers: legend.fill,
    put: put,
    drop: (key) => put({ key: key, fields: [], features: [] }),
    dress: dress,
    select: select,
    lookAt: lookAt,
    place: labels.place,
    resize: () => { map.invalidateSize({ animate: false }); legend.fold(); },
    show: function (place) {
      const shape = shapes.get(place);
      if (!shape) return;
      legend.check(shape.feature.properties.layer);
      if (shape.getBounds) map.fitBounds(shape.getBounds(), { padding: [60, 60], maxZoom: 18 });
      else map.setView(shape.getLatLng(), Math.max(map.getZoom(), 17));
      open(shape.feature, shape.feature.properties.at);
    }
  };
}

// Patterns for fills, as an SVG element: lines of `step` px at `turn` degrees, or dots.
function planPatterns(patterns) {
  const SVG = "http://www.w3.org/2000/svg";
  const defs = document.createElementNS(SVG, "defs");
  for (const one of patterns) {
    const pattern = document.createElementNS(SVG, "pattern");
    const size = { id: "plan-" + one.key, width: one.step, height: one.step, patternUnits: "userSpaceOnUse", patternTransform: "rotate(" + one.turn + ")" };
    for (const [name, value] of Object.entries(size)) pattern.setAttribute(name, value);
    const paper = document.createElementNS(SVG, "rect");
    for (const [name, value] of Object.entries({ width: one.step, height: one.step, fill: one.paper })) paper.setAttribute(name, value);
    const ink = document.createElementNS(SVG, one.dot ? "circle" : "path");
    const drawn = one.dot ? { cx: one.step / 2, cy: one.step / 2, r: one.dot, fill: one.ink }
      : { d: "M0 0V" + one.step, stroke: one.ink, "stroke-width": one.weight };
    for (const [name, value] of Object.entries(drawn)) ink.setAttribute(name, value);
    pattern.append(paper, ink);
    defs.appendChild(pattern);
  }
  return defs;
}
