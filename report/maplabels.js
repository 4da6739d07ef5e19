// Names on the map: the weightier first, each where it overlaps nothing; the rest waits for a closer look.
// Streets and rivers carry their names along them, letter by letter.
function planLabels(map, isShown, worded) {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const FONT = '"Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Micro Hei", "Desk Han", sans-serif';
  const RANKS = { areas: 1, ground: 2, duties: 3, committees: 3, grids: 3, facilities: 4, communities: 5, buildings: 6 };
  const SIZES = { areas: 12, committees: 13, buildings: 10 };
  const BOLD = new Set(["areas", "committees"]);
  const CLOSEST = { buildings: 17.6, facilities: 16 };  // zoom from which these are named
  const CELL = 128, TURN_DEG = 38, APART_PX = 420, MOST = 900;
  const SIGNS = { "!": "exception", "?": "held", "L": "locked", "√": "accepted", "C": "fault", "X": "fault", "×": "fault", "O": "opened" };
  const ABOVE_PX = 27;         // signs of an area stand above its name
  const SHIFTS = [[0, 0], [0, 18], [0, -18], [0, 28], [0, -28]];

  const pane = map.createPane("plan-labels");
  pane.style.zIndex = 390;
  pane.style.pointerEvents = "none";
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("class", "plan-labels");
  pane.appendChild(picture);
  const measure = document.createElement("canvas").getContext("2d");
  const given = new Map(), byLayer = new Map();
  let ordered = [];
  let symbols = [];

  function wide(text, size, bold) {
    measure.font = (bold ? "600 " : "") + size + "px " + FONT;
    return measure.measureText(text).width;
  }

  // --- what wants a name ---------------------------------------------------------------------------

  function ofFeature(layer, feature, shape) {
    const p = feature.properties, text = plainText(p.label), found = [];
    const base = {
      layer: layer.key, at: p.at, text: text, size: SIZES[layer.key] || (p.rank ? 12 : 11), bold: BOLD.has(layer.key),
      glyph: plainText(p.glyph), name: "plan-label plan-label-" + layer.key + (p.style ? " plan-name-" + p.style : ""),
      span: shape && shape.getBounds ? shape.getBounds() : null, rank: p.rank || RANKS[layer.key]
    };
    const signs = [...((layer.key === "communities" ? symbols[p.uid] : plainText(p.signs)) || "")];
    const first = layer.key === "areas" ? (1 - signs.length) / 2 : 0, up = layer.key === "areas" ? ABOVE_PX : 0;
    signs.forEach((sign, n) => found.push(Object.assign({}, base, { sign: sign, nth: first + n, up: up, rank: 0 })));
    if (!text) return found;
    if (layer.key === "areas") {
      const full = Object.assign({}, base, { lines: [text, plainText(p.sub)], room: 0.85 });
      found.push(full, Object.assign({}, base, { lines: [plainText(p.short)], instead: full, room: 1 }));
    } else if (p.along) {
      found.push(Object.assign({}, base, { along: lineOf(feature) }));
    } else {
      found.push(Object.assign({}, base, { lines: [text], shifts: SHIFTS, room: layer.key === "communities" ? 0.8 : 0 }));
    }
    return found;
  }

  function lineOf(feature) {
    const g = feature.geometry;
    return (g.type === "LineString" ? [g.coordinates] : g.coordinates).map((line) => L.GeoJSON.coordsToLatLngs(line));
  }

  function put(layer, shapeAt) {
    if (!(layer.key in RANKS)) return;
    given.set(layer.key, [layer, shapeAt]);
    const wanted = layer.features.filter((feature) => feature.properties.label || feature.properties.signs);
    byLayer.set(layer.key, wanted.flatMap((feature) => ofFeature(layer, feature, shapeAt(layer.key + ":" + feature.properties.uid))));
    ordered = [...byLayer.values()].flat().sort((a, b) => a.rank - b.rank);
  }

  // The signs of communities, by row: "!" exception, "?" held, "L" locked, "√" accepted as it is, "C" cut off from its area.
  function dress(signs) {
    symbols = signs;
    if (given.has("communities")) put(...given.get("communities"));
    place();
  }

  // --- placing -------------------------------------------------------------------------------------

  function grid() {
    const cells = new Map();
    function keys(box) {
      const found = [];
      for (let x = Math.floor(box[0] / CELL); x <= Math.floor(box[2] / CELL); x += 1) {
        for (let y = Math.floor(box[1] / CELL); y <= Math.floor(box[3] / CELL); y += 1) found.push(x + ":" + y);
      }
      return found;
    }
    const beside = (box) => (o) => box[2] <= o[0] || box[0] >= o[2] || box[3] <= o[1] || box[1] >= o[3];
    return {
      free: (box) => keys(box).every((key) => (cells.get(key) || []).every(beside(box))),
      take: (box) => {
        for (const key of keys(box)) {
          if (!cells.has(key)) cells.set(key, []);
          cells.get(key).push(box);
        }
      }
    };
  }

  // A name belongs on the map once the thing it names is about as wide as the name.
  function hasRoom(one, width, height) {
    if (map.getZoom() < (CLOSEST[one.layer] || 0)) return false;
    if (!one.room) return true;
    if (!one.span) return map.getZoom() >= 15.5;
    const a = map.latLngToLayerPoint(one.span.getNorthWest()), b = map.latLngToLayerPoint(one.span.getSouthEast());
    return b.x - a.x >= width * one.room && (one.layer !== "areas" || b.y - a.y >= 0.8 * height);
  }

  function placeBlock(one, taken, twins) {
    const texts = one.lines;
    const width = Math.max(...texts.map((text) => wide(text, one.size, one.bold))) + 6 + (one.glyph ? one.size + 3 : 0);
    const height = texts.length * (one.size + 4) + 2;
    if (!hasRoom(one, width, height)) return null;
    const at = map.latLngToLayerPoint(one.at);
    if (!apart(at, twins, APART_PX / 2)) return null;
    for (const [dx, dy] of one.shifts || [[0, 0]]) {
      const box = [at.x + dx - width / 2, at.y + dy - height / 2, at.x + dx + width / 2, at.y + dy + height / 2];
      if (!taken.free(box)) continue;
      taken.take(box);
      return Object.assign(block(one, box, width), { at: at });
    }
    return null;
  }

  function text(x, y, said, size, name, turn) {
    const made = document.createElementNS(SVG, "text");
    made.setAttribute("x", x.toFixed(1));
    made.setAttribute("y", y.toFixed(1));
    made.setAttribute("font-size", size);
    if (turn) made.setAttribute("transform", "rotate(" + turn.toFixed(1) + " " + x.toFixed(1) + " " + y.toFixed(1) + ")");
    if (name) made.setAttribute("class", name);
    made.textContent = said;
    return made;
  }

  function block(one, box, width) {
    const group = document.createElementNS(SVG, "g");
    group.setAttribute("class", one.name);
    const left = one.glyph ? one.size + 3 : 0;
    if (one.glyph) {
      const x = box[0] + 3 + one.size / 2, y = (box[1] + box[3]) / 2;
      const plate = document.createElementNS(SVG, "rect");
      const size = { x: x - one.size / 2 - 0.5, y: y - one.size / 2 - 0.5, width: one.size + 1, height: one.size + 1, rx: 2, class: "plan-plate" };
      for (const [name, value] of Object.entries(size)) plate.setAttribute(name, value);
      group.append(plate, text(x, y, one.glyph, one.size - 2, "plan-glyph"));
    }
    one.lines.forEach((line, n) => {
      const y = box[1] + 1 + (n + 0.5) * (one.size + 4);
      group.appendChild(text(box[0] + left + (width - left) / 2, y, line, n ? one.size + 1 : one.size, n ? "plan-sub" : ""));
    });
    return group;
  }

  function placeSign(one, taken) {
    const far = map.getZoom() < 14 ? 6 : 9, at = map.latLngToLayerPoint(one.at).add([one.nth * (2 * far + 1), -one.up]);
    const box = [at.x - far, at.y - far, at.x + far, at.y + far];
    if (!taken.free(box)) return null;
    taken.take(box);
    const group = document.createElementNS(SVG, "g");
    group.setAttribute("class", "plan-symbol plan-symbol-" + SIGNS[one.sign]);
    const round = one.sign === "!";
    const plate = document.createElementNS(SVG, round ? "circle" : "rect");
    const size = round ? { cx: at.x, cy: at.y, r: far - 0.5 } : { x: at.x - far + 1, y: at.y - far + 1, width: 2 * far - 2, height: 2 * far - 2, rx: 3 };
    for (const [name, value] of Object.entries(size)) plate.setAttribute(name, value);
    group.append(plate, one.sign === "L" ? planPadlock(at, far / 9) : text(at.x, at.y, plainText(worded[one.sign]) || one.sign, far + 3, ""));
    return group;
  }

  // --- along a line ----------------------------------------------------------------------------------

  const apart = (at, twins, px) => twins.every((twin) => Math.hypot(twin.x - at.x, twin.y - at.y) >= px);

  function placeAlong(one, taken, view, twins) {
    const letters = [...one.text], gap = one.size * (one.name.includes("water") ? 1.5 : 0.55);
    const widths = letters.map((letter) => wide(letter, one.size, one.bold));
    const whole = widths.reduce((sum, w) => sum + w, 0) + gap * (letters.length - 1);
    let best = null;
    for (const line of one.along) {
      const points = line.map((at) => map.latLngToLayerPoint(at)), steps = [0];
      for (let n = 1; n < points.length; n += 1) steps.push(steps[n - 1] + points[n].distanceTo(points[n - 1]));
      const length = steps[steps.length - 1];
      if (length < whole + 2 * one.size) continue;
      const free = length - whole;
      const tries = Math.max(1, Math.min(24, Math.floor(free / 40)));
      for (let n = 0; n < tries; n += 1) {
        const begin = free * (0.5 + (n % 2 ? -1 : 1) * Math.ceil(n / 2) / (tries + 1));
        const glyphs = lettersAt(points, steps, begin, widths, gap);
        if (glyphs && apart(glyphs[0], twins, APART_PX) && glyphs.every((g) => view.contains(L.point(g.x, g.y))) && glyphs.every((g) => taken.free(boxOf(g, one.size)))) {
          best = glyphs;
          break;
        }
      }
      if (best) break;
    }
    if (!best) return null;
    for (const g of best) taken.take(boxOf(g, one.size));
    const group = document.createElementNS(SVG, "g");
    group.setAttribute("class", one.name);
    group.at = best[Math.floor(best.length / 2)];
    best.forEach((g, n) => group.appendChild(text(g.x, g.y, letters[g.back ? letters.length - 1 - n : n], one.size, "", g.turn)));
    return group;
  }

  const boxOf = (g, size) => [g.x - size * 0.6, g.y - size * 0.6, g.x + size * 0.6, g.y + size * 0.6];

  // Return where each letter stands and how it is turned, null where the line bends too much.
  function lettersAt(points, steps, begin, widths, gap) {
    const spots = [];
    let at = begin, n = 1;
    for (const width of widths) {
      const middle = at + width / 2;
      while (n < steps.length - 1 && steps[n] < middle) n += 1;
      const a = points[n - 1], b = points[n], part = (middle - steps[n - 1]) / (steps[n] - steps[n - 1] || 1);
      spots.push({ x: a.x + part * (b.x - a.x), y: a.y + part * (b.y - a.y), angle: Math.atan2(b.y - a.y, b.x - a.x) * 180 / Math.PI });
      at += width + gap;
    }
    const first = spots[0], last = spots[spots.length - 1];
    const dx = last.x - first.x, dy = last.y - first.y;
    const steep = Math.abs(dy) > Math.abs(dx);  // written from top to bottom then, the letters upright
    const back = steep ? dy < 0 : dx < 0;
    const main = Math.atan2(dy, dx) * 180 / Math.PI;
    for (const spot of spots) {
      const off = ((spot.angle - main + 540) % 360) - 180;
      if (spots.length > 1 && Math.abs(off) > TURN_DEG) return null;
      spot.turn = spot.angle + (back ? 180 : 0) - (steep ? 90 : 0);
      spot.turn = ((spot.turn + 540) % 360) - 180;
      spot.back = back;
    }
    return spots;
  }

  // --- all of them -----------------------------------------------------------------------------------

  function place() {
    const pad = map.getBounds().pad(0.2);
    const size = map.getSize();
    const from = map.containerPointToLayerPoint([-0.1 * size.x, -0.1 * size.y]), to = map.containerPointToLayerPoint([1.1 * size.x, 1.1 * size.y]);
    const view = L.bounds(from, to), taken = grid(), done = new Set(), made = [], named = new Map();
    for (const one of ordered) {
      if (made.length >= MOST) break;
      if (!isShown(one.layer) || done.has(one.instead)) continue;
      if (!one.along && !pad.contains(one.at)) continue;
      const twins = one.layer === "ground" ? named.get(one.text) || [] : [];
      const drawn = one.sign ? placeSign(one, taken) : one.along ? placeAlong(one, taken, view, twins) : placeBlock(one, taken, twins);
      if (!drawn) continue;
      if (one.layer === "ground" && drawn.at) named.set(one.text, [...twins, drawn.at]);
      done.add(one);
      made.push(drawn);
    }
    picture.replaceChildren(...made.reverse());
  }

  map.on("zoomstart", () => { picture.style.opacity = 0; });
  map.on("zoomend", () => { picture.style.opacity = 1; });
  return { put: put, place: place, dress: dress };
}

function planPadlock(at, scale) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "path");
  made.setAttribute("d", "M-3.6 -0.6h7.2v5.2h-7.2z M-2.2 -0.6v-1.6a2.2 2.2 0 0 1 4.4 0v1.6");
  made.setAttribute("transform", "translate(" + at.x + " " + at.y + ") scale(" + scale + ")");
  return made;
}
