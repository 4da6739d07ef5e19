// The legend: what colours mean, which layers there are, scale, north, and the way back to the whole town.
function planLegend(map, data, hear) {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const words = data.words;
  const box = planElement("details", "plan-legend");
  const summary = planElement("summary", "", words.legend);
  const body = planElement("div");
  const choice = planElement("select");
  const classes = planElement("div", "plan-classes");
  box.append(summary, body);

  function swatch(name) {
    const look = data.styles[name];
    const picture = document.createElementNS(SVG, "svg");
    picture.setAttribute("viewBox", "0 0 34 18");
    picture.setAttribute("aria-hidden", "true");
    if (String(look.fillColor).startsWith("url(")) picture.appendChild(planPatterns(data.patterns));
    const edge = { stroke: look.color, "stroke-width": look.weight, "stroke-dasharray": look.dashArray || "none", "stroke-linecap": look.lineCap || "round" };
    function add(tag, values) {
      const made = document.createElementNS(SVG, tag);
      for (const [key, value] of Object.entries(values)) made.setAttribute(key, value);
      picture.appendChild(made);
      return made;
    }
    if (look.line) {
      add("line", Object.assign({ x1: 2, y1: 9, x2: 32, y2: 9 }, edge));
    } else if (look.dot) {
      add("circle", Object.assign({ cx: 17, cy: 9, r: look.radius, fill: look.fillColor }, edge));
    } else if (look.fills) {
      data.fills.slice(0, 3).forEach((fill, n) => add("rect", { x: 2 + n * 10, y: 2, width: 10, height: 14, fill: fill, "fill-opacity": look.fillOpacity }));
      add("rect", Object.assign({ x: 2, y: 2, width: 30, height: 14, fill: "none" }, edge));
    } else {
      add("rect", Object.assign({ x: 3, y: 2, width: 28, height: 14, rx: 2, fill: look.fillColor || "none", "fill-opacity": look.fillOpacity }, edge));
    }
    if (look.sign === "L") {
      const plate = document.createElementNS(SVG, "g");
      plate.setAttribute("class", "plan-symbol plan-symbol-locked");
      picture.appendChild(plate).append(add("rect", { x: 9, y: 1, width: 16, height: 16, rx: 3 }), planPadlock({ x: 17, y: 9 }, 1));
    } else if (look.sign) {
      add("text", { x: 17, y: 13.5, "text-anchor": "middle", "font-size": 12, "font-weight": 700, stroke: "#fffdf8", "stroke-width": 4, "paint-order": "stroke" }).textContent = plainText(data.signs[look.sign]) || look.sign;
    }
    return picture;
  }

  function line(name, picture, text) {
    const row = planElement("div", name);
    row.append(picture, planElement("span", "", text));
    return row;
  }

  // --- layers ------------------------------------------------------------------------------------

  const boxes = new Map(), chosen = new Map();
  let opened = false;
  function entry(layer) {
    const part = planElement("div", "plan-layer"), label = planElement("label"), check = planElement("input");
    check.type = "checkbox";
    check.dataset.layer = layer.key;
    check.checked = chosen.has(layer.key) ? chosen.get(layer.key) : layer.on;
    boxes.set(layer.key, check);
    label.append(check, planElement("span", "", layer.name));
    if (layer.swatches.length === 1) label.appendChild(swatch(layer.swatches[0][0]));
    part.appendChild(label);
    const lines = planElement("div", "plan-swatches");
    if (layer.swatches.length > 1) {
      for (const [style, text] of layer.swatches) lines.appendChild(line("plan-swatch", swatch(style), text));
      lines.hidden = !check.checked;
      part.appendChild(lines);
    }
    check.addEventListener("change", () => {
      chosen.set(layer.key, check.checked);
      lines.hidden = !check.checked;
      hear.show(layer.key, check.checked);
    });
    return part;
  }

  // What a person switched stays switched when the plan has other layers than before.
  function fill(layers) {
    const named = layers.filter((layer) => layer.name).reverse(), rest = named.filter((layer) => !layer.on);
    const more = planElement("details", "plan-more");
    more.append(planElement("summary", "", words.more), ...rest.map(entry));
    more.open = opened;
    more.addEventListener("toggle", () => { opened = more.open; hear.grown(); });
    body.replaceChildren(choice, classes, ...named.filter((layer) => layer.on).map(entry), ...(rest.length ? [more] : []));
    if (!data.cards) body.appendChild(planElement("p", "plan-hint", words.hint));
  }
  fill(data.layers);

  // --- what colours mean --------------------------------------------------------------------------

  choice.setAttribute("aria-label", plainText(words.colour_by));
  choice.addEventListener("change", () => { explain(hear.colour(choice.value)); });

  function colourings(given, now) {
    const kinds = [{ key: "", name: words.by_area }, ...given];
    choice.replaceChildren(...kinds.map((one) => {
      const option = planElement("option");
      option.value = one.key;
      option.textContent = plainText(words.colour_by) + plainText(one.name);
      option.selected = one.key === (now ? now.key : "");
      return option;
    }));
    choice.hidden = given.length === 0;
    explain(now);
  }

  function explain(one) {
    classes.replaceChildren(...(one ? one.classes : []).map(([text, fill]) => {
      const picture = planElement("i");
      picture.style.background = fill;
      return line("plan-swatch", picture, text);
    }));
  }

  // --- furniture -----------------------------------------------------------------------------------

  function control(position, made) {
    const Own = L.Control.extend({ onAdd: () => made });
    map.addControl(new Own({ position: position }));
    L.DomEvent.disableClickPropagation(made);
    L.DomEvent.disableScrollPropagation(made);
  }

  const bar = planElement("div", "leaflet-bar plan-whole"), whole = planElement("a", "", words.whole);
  whole.href = "#";
  whole.setAttribute("role", "button");
  whole.addEventListener("click", (event) => { event.preventDefault(); hear.everything(); });
  bar.appendChild(whole);
  const north = planElement("div", "plan-north"), arrow = document.createElementNS(SVG, "svg"), needle = document.createElementNS(SVG, "path");
  arrow.setAttribute("viewBox", "0 0 18 26");
  needle.setAttribute("d", "M9 1 L16 24 L9 18 L2 24 Z");
  arrow.appendChild(needle);
  north.append(arrow, planElement("span", "", words.north));
  control("topleft", bar);
  control("topright", north);
  map.addControl(L.control.scale({ position: "bottomright", imperial: false, maxWidth: 140 }));
  control("bottomleft", box);
  if (map.zoomControl) {
    const [closer, farther] = [map.zoomControl._zoomInButton, map.zoomControl._zoomOutButton];
    for (const [button, text] of [[closer, words.closer], [farther, words.farther]]) {
      button.title = plainText(text);
      button.setAttribute("aria-label", plainText(text));
    }
  }

  // Open where it leaves the map to be seen; once a person has folded or opened it, it stays.
  let touched = false;
  summary.addEventListener("click", () => { touched = true; });
  box.addEventListener("toggle", () => { if (touched) hear.grown(); });
  function fold() {
    if (touched) return;
    const size = map.getSize();
    box.open = size.x >= 640;
    box.open = box.open && box.offsetWidth * box.offsetHeight <= 0.24 * size.x * size.y;
  }
  fold();

  return {
    colourings: (given, now) => { colourings(given, now); fold(); },
    fill: fill,
    fold: fold,
    // What it takes of the map, in pixels: the left or the foot, whichever leaves more.
    takes: () => {
      if (!box.open) return { left: 0, foot: 0 };
      const size = map.getSize(), wide = box.offsetWidth, high = box.offsetHeight;
      return wide / size.x < high / size.y ? { left: wide, foot: 0 } : { left: 0, foot: high };
    },
    check: (key) => {
      const check = boxes.get(key);
      if (check && !check.checked) check.click();
    }
  };
}
