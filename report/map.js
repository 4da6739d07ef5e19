// Draws a plan on a Leaflet map. Every text in `data` is HTML that report/maptext.py has encoded.
function drawPlan(map, data) {
  "use strict";
  const groups = new Map();
  const byKey = new Map();

  // Seen from afar lines and dots get finer, or a dense town drowns in ink.
  function fineness() {
    const zoom = map.getZoom();
    return zoom === undefined ? 1 : Math.round(4 * Math.min(1, Math.max(0.25, (zoom - 11.5) / 4))) / 4;
  }

  function style(feature) {
    const p = feature.properties;
    const base = data.styles[p.style];
    const fine = fineness();
    return Object.assign(
      {}, { fillColor: data.fills[p.fill] }, base, { weight: base.weight * fine, radius: (base.radius || 4) * (0.3 + 0.7 * fine) }
    );
  }

  function card(feature) {
    const p = feature.properties;
    const fields = data.layers.find((layer) => layer.key === p.layer).fields;
    const rows = p.values.map((v, i) => (v ? "<dt>" + fields[i] + "</dt><dd>" + v + "</dd>" : "")).join("");
    return '<div class="plan-card"><h3>' + (p.label || p.title || "") + "</h3><dl>" + rows + "</dl></div>";
  }

  function open(feature, place) {
    L.popup({ maxWidth: 300, autoPanPadding: [20, 20] }).setLatLng(place).setContent(card(feature)).openOn(map);
  }

  for (const layer of data.layers) {
    const group = L.geoJSON({ type: "FeatureCollection", features: layer.features }, {
      style: style,
      interactive: layer.fields.length > 0 && (data.cards || layer.key === "areas" || layer.key === "communities"),
      pointToLayer: (feature, place) => L.circleMarker(place, style(feature)),
      onEachFeature: (feature, shape) => byKey.set(layer.key + ":" + feature.properties.uid, shape)
    });
    if (data.cards && layer.fields.length) group.on("click", (event) => open(event.layer.feature, event.latlng));
    groups.set(layer.key, group);
    if (layer.on) group.addTo(map);
  }

  // A layer switched on lands on top; put all of them back in their order.
  function restack() {
    for (const group of groups.values()) if (map.hasLayer(group)) group.bringToFront();
  }

  // --- labels: the weightier first, each where it overlaps nothing; the rest waits for a closer look ---

  const labels = L.layerGroup().addTo(map);
  const measure = document.createElement("canvas").getContext("2d");
  const plain = document.createElement("textarea");
  const RANKS = { areas: 1, barriers: 3, duties: 2, committees: 2, grids: 2, communities: 4 };
  const candidates = [];
  const placed = new Map();

  function width(html, font) {
    plain.innerHTML = html;
    measure.font = font;
    return measure.measureText(plain.value).width;
  }

  function addCandidates(layer) {
    if (!(layer.key in RANKS)) return;
    for (const feature of layer.features) {
      const p = feature.properties;
      const shape = byKey.get(layer.key + ":" + p.uid);
      const span = shape.getBounds ? shape.getBounds() : null;
      const base = { layer: layer.key, at: p.at, span: span };
      if (p.symbol) {
        candidates.push(Object.assign({}, base, {
          rank: 0, wide: 18, high: 18, shifts: [[0, 0]], html: p.symbol, name: "plan-symbol plan-symbol-" + p.style
        }));
      }
      if (!p.label) continue;
      if (layer.key === "areas") {
        const wide = Math.max(width(p.label, "600 11px sans-serif"), width(p.sub, "12px sans-serif")) + 8;
        const full = Object.assign({}, base, {
          rank: 1, wide: wide, high: 34, shifts: [[0, 0]], room: 0.8, name: "plan-label plan-label-areas",
          html: "<b>" + p.label + "</b><br>" + p.sub
        });
        candidates.push(full, Object.assign({}, full, {
          wide: width(p.short, "600 11px sans-serif") + 6, high: 15, room: 1, html: "<b>" + p.short + "</b>", instead: full
        }));
        continue;
      }
      candidates.push(Object.assign({}, base, {
        rank: RANKS[layer.key], wide: width(p.label, "12px sans-serif") + 6, high: 17, html: p.label,
        shifts: [[0, 0], [0, 19], [0, -19], [0, 28], [0, -28]], room: layer.key === "communities" ? 0.8 : 0,
        name: "plan-label plan-label-" + layer.key
      }));
    }
  }

  // A name belongs on the map once the thing it names is about as wide as the name.
  function hasRoom(one) {
    if (!one.room) return true;
    if (!one.span) return map.getZoom() >= 15.5;
    const a = map.latLngToLayerPoint(one.span.getNorthWest());
    const b = map.latLngToLayerPoint(one.span.getSouthEast());
    return b.x - a.x >= one.wide * one.room && (one.rank !== 1 || b.y - a.y >= 0.8 * one.high);
  }

  function label() {
    const view = map.getBounds().pad(0.1);
    const cells = new Map();
    const CELL = 128;
    const wanted = new Map();

    function spans(box) {
      const keys = [];
      for (let x = Math.floor(box[0] / CELL); x <= Math.floor(box[2] / CELL); x += 1) {
        for (let y = Math.floor(box[1] / CELL); y <= Math.floor(box[3] / CELL); y += 1) keys.push(x + ":" + y);
      }
      return keys;
    }
    function free(box) {
      return spans(box).every((key) => (cells.get(key) || []).every(
        (o) => box[2] <= o[0] || box[0] >= o[2] || box[3] <= o[1] || box[1] >= o[3]
      ));
    }
    function take(box) {
      for (const key of spans(box)) {
        if (!cells.has(key)) cells.set(key, []);
        cells.get(key).push(box);
      }
    }

    const done = new Set();
    candidates.forEach((one, number) => {
      if (done.has(one.instead) || !map.hasLayer(groups.get(one.layer)) || !view.contains(one.at) || !hasRoom(one)) return;
      const at = map.latLngToLayerPoint(one.at);
      for (const [dx, dy] of one.shifts) {
        const box = [at.x + dx - one.wide / 2, at.y + dy - one.high / 2, at.x + dx + one.wide / 2, at.y + dy + one.high / 2];
        if (!free(box)) continue;
        take(box);
        done.add(one);
        wanted.set(number + ":" + dy, [one, dy]);
        break;
      }
    });
    for (const [key, marker] of placed) {
      if (!wanted.has(key)) { labels.removeLayer(marker); placed.delete(key); }
    }
    for (const [key, [one, dy]] of wanted) {
      if (placed.has(key)) continue;
      const icon = L.divIcon({
        className: one.name, html: one.html, iconSize: [one.wide, one.high], iconAnchor: [one.wide / 2, one.high / 2 - dy]
      });
      placed.set(key, L.marker(one.at, { icon: icon, interactive: false, keyboard: false }).addTo(labels));
    }
  }

  data.layers.forEach(addCandidates);
  candidates.sort((a, b) => a.rank - b.rank);

  // --- furniture: legend that switches layers, scale, north ---

  const Legend = L.Control.extend({
    onAdd: function () {
      const box = L.DomUtil.create("details", "plan-legend");
      box.innerHTML = "<summary>" + data.legendTitle + "</summary><div>" + data.legend + "</div>";
      box.open = false;
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      box.addEventListener("change", (event) => {
        const group = groups.get(event.target.dataset.layer);
        if (event.target.checked) map.addLayer(group); else map.removeLayer(group);
        restack();
        label();
      });
      return box;
    }
  });
  const North = L.Control.extend({
    onAdd: function () {
      const arrow = L.DomUtil.create("div", "plan-north");
      arrow.innerHTML = '<svg width="18" height="26" viewBox="0 0 18 26" aria-hidden="true">'
        + '<path d="M9 1 L16 24 L9 18 L2 24 Z" fill="#3d3a35"/></svg><span>' + data.north + "</span>";
      return arrow;
    }
  });
  const Whole = L.Control.extend({
    onAdd: function () {
      const bar = L.DomUtil.create("div", "leaflet-bar plan-whole");
      const button = L.DomUtil.create("a", "", bar);
      button.href = "#";
      button.setAttribute("role", "button");
      button.textContent = data.whole;
      L.DomEvent.disableClickPropagation(bar);
      L.DomEvent.on(button, "click", (event) => {
        L.DomEvent.preventDefault(event);
        if (data.everything) fit(data.everything);
      });
      return bar;
    }
  });
  map.addControl(new Whole({ position: "topleft" }));
  map.addControl(new North({ position: "topright" }));
  map.addControl(L.control.scale({ position: "bottomright", imperial: false, maxWidth: 140 }));
  map.addControl(new Legend({ position: "bottomleft" }));

  // Open where it leaves the map to be seen; once a person has folded or opened it, it stays.
  const legend = map.getContainer().querySelector(".plan-legend");
  let touched = false;
  legend.querySelector("summary").addEventListener("click", () => { touched = true; });
  function foldLegend() {
    if (touched) return;
    const size = map.getSize();
    legend.open = size.x >= 640;
    legend.open = legend.open && legend.offsetWidth * legend.offsetHeight <= 0.2 * size.x * size.y;
  }
  foldLegend();

  let looked = [data.bounds];
  function fit(bounds, closest) {
    if (!bounds) return;
    looked = [bounds, closest];
    const left = legend.open && map.getSize().x > 3 * legend.offsetWidth ? legend.offsetWidth + 28 : 24;
    map.fitBounds(bounds, { paddingTopLeft: [left, 24], paddingBottomRight: [24, 40], maxZoom: closest || 18 });
  }
  fit(data.bounds);
  restack();
  let drawn = null;
  function refine() {
    if (fineness() === drawn) return;
    drawn = fineness();
    for (const group of groups.values()) group.setStyle(style);
  }
  refine();
  map.on("zoomend", refine);
  map.on("moveend zoomend resize", label);
  label();
  // A style sheet that arrives after the map changes the size of the map and of its legend.
  for (const sheet of document.querySelectorAll("link[rel=stylesheet]")) {
    sheet.addEventListener("load", () => { map.invalidateSize(); foldLegend(); fit(...looked); });
  }

  // For the page around the map.
  return {
    map: map,
    fit: () => fit(data.bounds),
    look: (bounds) => fit(bounds, 16.5),
    show: function (key) {
      const shape = byKey.get(key);
      if (!shape) return;
      const group = groups.get(shape.feature.properties.layer);
      if (!map.hasLayer(group)) map.addLayer(group);
      if (shape.getBounds) map.fitBounds(shape.getBounds(), { padding: [60, 60], maxZoom: 18 });
      else map.setView(shape.getLatLng(), Math.max(map.getZoom(), 17));
      open(shape.feature, shape.feature.properties.at);
    }
  };
}
