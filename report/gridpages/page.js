"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const words = data.words;
  const SVG = "http://www.w3.org/2000/svg";
  const frame = document.getElementById("frame"), map = document.getElementById("map");
  const names = document.getElementById("names"), me = document.getElementById("me");
  const said = document.getElementById("said"), sheet = document.getElementById("sheet");
  // Where an old phone cannot follow, the page is what it is without a script.
  window.addEventListener("error", () => document.body.classList.add("js-off"));
  document.body.classList.remove("js-off");

  const put = (parent, tag, text, shape) => {
    const node = shape ? document.createElementNS(SVG, tag) : document.createElement(tag);
    if (text !== undefined) node.textContent = text;
    return parent.appendChild(node);
  };
  const empty = (node) => { while (node.lastChild) node.removeChild(node.lastChild); };
  const attributes = (node, values) => { for (const key in values) node.setAttribute(key, values[key]); return node; };

  // --- what the phone keeps: nothing but ticks, under the name of this grid
  let lasts = true;
  const kept = (() => { try { return JSON.parse(localStorage.getItem(data.key)) || {}; } catch (error) { lasts = false; return {}; } })();
  const keep = () => { try { localStorage.setItem(data.key, JSON.stringify(kept)); } catch (error) { lasts = false; } return lasts; };

  // --- the map: `view` is what the frame shows, in decimetres of the map
  const [wide, high] = data.size;
  let view = null, size = null;
  const whole = () => {
    const unit = Math.max(wide / size.width, high / size.height);
    return { x: (wide - unit * size.width) / 2, y: (high - unit * size.height) / 2, unit };
  };
  const clamp = (to) => {
    const most = whole().unit * 1.4, unit = Math.min(most, Math.max(0.4, to.unit));
    const [w, h] = [unit * size.width, unit * size.height];
    const within = (at, long, shown) => Math.min(Math.max(at, -shown / 2), long - shown / 2);
    return { x: within(to.x, wide, w), y: within(to.y, high, h), unit };
  };
  const show = (to) => {
    view = clamp(to);
    map.setAttribute("viewBox", [view.x, view.y, view.unit * size.width, view.unit * size.height].map((n) => n.toFixed(1)).join(" "));
    map.style.setProperty("--u", view.unit.toFixed(3));
    map.style.transform = "";
    label();
  };
  const measure = () => { size = { width: frame.clientWidth, height: frame.clientHeight }; };
  const zoom = (by, x = size.width / 2, y = size.height / 2) => {
    const unit = clamp({ ...view, unit: view.unit * by }).unit;
    show({ x: view.x + x * (view.unit - unit), y: view.y + y * (view.unit - unit), unit });
  };

  // A name stands where it has room and touches no other; the most wanted come first.
  const SIZES = { community: 15, area: 13.5, number: 13, street: 14, water: 14, facility: 14, other: 12.5, ground: 12.5 };
  const long = (text) => Array.from(text).reduce((sum, sign) => sum + (sign.codePointAt(0) > 0x2e7f ? 1 : 0.58), 0);
  function label() {
    const taken = [], made = document.createDocumentFragment();
    const free = (boxes) => boxes.every((b) => taken.every((t) => b[2] < t[0] || t[2] < b[0] || b[3] < t[1] || t[3] < b[1]));
    for (const [text, kind, spots] of data.names) {
      const em = SIZES[kind], length = long(text) * em;
      for (const [x, y, turn, room] of spots) {
        const px = (x - view.x) / view.unit, py = (y - view.y) / view.unit - (kind === "facility" ? -19 : 0);
        if (px < 0 || py < 0 || px > size.width || py > size.height) continue;
        const needed = kind === "number" ? 0.9 : kind === "street" || kind === "water" ? 1.05 : kind === "community" ? 0 : 0.75;
        if (room && length * needed > room / view.unit) continue;
        const angle = turn * Math.PI / 180, parts = turn ? Math.max(1, Math.ceil(length / em)) : 1;
        const boxes = Array.from({ length: parts }, (_, n) => {
          const along = ((n + 0.5) / parts - 0.5) * length, half = length / parts / 2 + 1;
          const [cx, cy] = [px + along * Math.cos(angle), py + along * Math.sin(angle)];
          return [cx - half, cy - em * 0.62, cx + half, cy + em * 0.62];
        });
        if (!free(boxes)) continue;
        taken.push(...boxes);
        const at = [x, y + (kind === "facility" ? 19 * view.unit : 0)];
        const node = put(made, "text", text, true);
        attributes(node, { class: `n-${kind}`, x: at[0], y: at[1].toFixed(1) });
        if (turn) node.setAttribute("transform", `rotate(${turn} ${x} ${y})`);
        break;
      }
    }
    empty(names);
    names.appendChild(made);
  }

  // One finger pans, two pinch; the drawing is moved as it is and drawn anew when the fingers rest.
  const fingers = new Map();
  let begun = null, moved = false;
  const middle = () => {
    const at = [...fingers.values()], box = frame.getBoundingClientRect();
    const [x, y] = [0, 1].map((i) => at.reduce((sum, p) => sum + p[i], 0) / at.length);
    return { x: x - box.left, y: y - box.top, apart: at.length > 1 ? Math.hypot(at[0][0] - at[1][0], at[0][1] - at[1][1]) : 0 };
  };
  const carried = () => {
    const now = middle(), unit = begun.apart && now.apart ? clamp({ ...view, unit: view.unit * begun.apart / now.apart }).unit : view.unit;
    return { x: view.x + begun.x * view.unit - now.x * unit, y: view.y + begun.y * view.unit - now.y * unit, unit };
  };
  const settle = () => { if (begun && moved) show(carried()); begun = fingers.size ? middle() : null; };
  frame.addEventListener("pointerdown", (event) => {
    if (!fingers.size) moved = false;
    else if (moved) show(carried());
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    begun = middle();
  });
  frame.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    const now = middle();
    if (!moved && Math.hypot(now.x - begun.x, now.y - begun.y) < 8 && Math.abs(now.apart - begun.apart) < 8) return;
    if (!moved) frame.setPointerCapture(event.pointerId);
    moved = true;
    const to = carried(), by = view.unit / to.unit;
    map.style.transform = `translate(${(view.x - to.x) / to.unit}px, ${(view.y - to.y) / to.unit}px) scale(${by})`;
  });
  const lift = (event) => {
    if (!fingers.has(event.pointerId)) return;
    if (moved) show(carried());
    fingers.delete(event.pointerId);
    begun = fingers.size ? middle() : null;
  };
  frame.addEventListener("pointerup", lift);
  frame.addEventListener("pointercancel", lift);
  frame.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = frame.getBoundingClientRect();
    zoom(event.deltaY > 0 ? 1.25 : 0.8, event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });
  document.getElementById("buttons").addEventListener("click", (event) => {
    const what = event.target.dataset.map;
    if (what === "in") zoom(0.6);
    if (what === "out") zoom(1 / 0.6);
    if (what === "whole") show(whole());
    if (what === "locate") locate();
  });
  window.addEventListener("resize", () => { measure(); show(view); });
  window.addEventListener("beforeprint", () => show(whole()));

  // --- where the phone is; the answer stays on the phone
  function locate() {
    if (!navigator.geolocation) { said.textContent = words.no_place; return; }
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      const [x, y] = data.place.map(([constant, lon, lat]) => constant + lon * coords.longitude + lat * coords.latitude);
      empty(me);
      attributes(put(me, "circle", undefined, true), { class: "reach", cx: x, cy: y, r: coords.accuracy * 10 });
      attributes(put(me, "circle", undefined, true), { cx: x, cy: y, r: 8 * view.unit });
      const inside = x > 0 && y > 0 && x < wide && y < high;
      said.textContent = (inside ? words.here : words.outside).replace("§", Math.round(coords.accuracy));
      if (inside) show({ ...view, x: x - view.unit * size.width / 2, y: y - view.unit * size.height / 2 });
    }, () => { said.textContent = words.no_place; }, { enableHighAccuracy: true, timeout: 15000 });
  }

  // --- what was tapped
  const cells = (row) => Array.from(row.cells, (cell) => cell.textContent);
  function tell(id, link) {
    const row = document.getElementById(id);
    if (!row) return;
    const card = row.closest("details.place"), inside = sheet.lastElementChild;
    document.querySelectorAll("#map .picked").forEach((node) => node.classList.remove("picked"));
    if (link) link.classList.add("picked");
    empty(inside);
    put(inside, "h3", [card.dataset.name, id[0] === "b" ? cells(row)[0] : ""].join(" "));
    if (id[0] === "b") {
      const list = put(inside, "dl"), heads = cells(card.querySelector("thead tr"));
      cells(row).forEach((text, n) => { if (n && text) { put(list, "dt", heads[n]); put(list, "dd", text); } });
    }
    inside.appendChild(card.querySelector("dl").cloneNode(true));
    const blocks = id[0] === "c" && card.querySelector("table");
    if (blocks) {
      const copy = inside.appendChild(blocks.cloneNode(true));
      copy.querySelectorAll("[id]").forEach((one) => one.removeAttribute("id"));
    }
    const actions = put(inside, "div");
    actions.className = "actions";
    const report = put(actions, "button", words.report_this);
    report.type = "button";
    report.addEventListener("click", () => {
      close();
      document.getElementById("mistake-place").selectedIndex = Number(card.id.slice(1));
      document.getElementById("mistake-text").value = id[0] === "b" ? cells(row)[0] + " " : "";
      location.hash = "mistakes-section";
    });
    sheet.hidden = false;
    sheet.scrollTop = 0;
    if (link) uncover(link);
  }
  // What was tapped stays in sight above the sheet.
  function uncover(link) {
    frame.scrollIntoView({ block: "start" });
    const shown = link.getBoundingClientRect(), top = frame.getBoundingClientRect().top, edge = sheet.getBoundingClientRect().top;
    if (shown.bottom > edge - 20) show({ ...view, y: view.y + (shown.top + shown.height / 2 - (top + edge) / 2) * view.unit });
  }
  const close = () => { sheet.hidden = true; };
  sheet.querySelector(".close").addEventListener("click", close);
  // A finger is broad: a building too small to be hit stands for its community, and what lies near is what was meant.
  const SMALL_PX = 24, NEAR_PX = 24;
  const linkOf = (id) => map.querySelector(`a[href="#${id}"]`);
  const across = (link) => { const box = link.getBoundingClientRect(); return Math.max(box.width, box.height); };
  function meant(event) {
    const hit = event.target.closest("a");
    if (!hit) {
      const far = (link) => {
        const box = link.getBoundingClientRect();
        return Math.hypot(Math.max(box.left - event.clientX, 0, event.clientX - box.right), Math.max(box.top - event.clientY, 0, event.clientY - box.bottom));
      };
      const near = Array.from(map.querySelectorAll("a"), (link) => [far(link), link]).sort((a, b) => a[0] - b[0])[0];
      return near && near[0] < NEAR_PX ? near[1] : null;
    }
    const id = hit.getAttribute("href").slice(1), row = document.getElementById(id);
    return id[0] === "b" && across(hit) < SMALL_PX && row && linkOf(row.closest("details.place").id) || hit;
  }
  map.addEventListener("click", (event) => {
    if (event.target.closest("a") || moved) event.preventDefault();
    if (moved) return;
    const link = meant(event);
    if (link) tell(link.getAttribute("href").slice(1), link);
    else close();
  });
  document.querySelector("nav").addEventListener("click", close);

  // --- tasks
  const STATES = ["todo", "done", "trouble"];
  const buttons = Array.from(document.querySelectorAll(".state"));
  const two = (n) => String(n).padStart(2, "0");
  const today = () => { const now = new Date(); return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`; };
  const now = () => { const at = new Date(); return `${today().slice(5)} ${two(at.getHours())}:${two(at.getMinutes())}`; };
  const state = (button) => kept[button.dataset.task] || [0, "", "", ""];  // state, its day, note, when a photo was taken
  const noted = ([, , note, photo]) => [photo && words.photo_at.replace("§", photo), note].filter(Boolean).join(words.comma);
  const paint = (button) => {
    const [number, on] = state(button);
    const place = button.parentNode.firstElementChild, told = noted(state(button));
    const line = place.querySelector(".noted") || put(place, "small");
    line.className = "noted";
    line.textContent = told;
    button.dataset.state = number;
    button.textContent = words[STATES[number]];
    if (on) put(button, "small", on.slice(5));
  };
  const share = () => document.querySelectorAll("details.tasks").forEach((group) => {
    const own = Array.from(group.querySelectorAll(".state"));
    group.querySelector(".share").textContent = `${own.filter((b) => state(b)[0] === 1).length} / ${own.length}`;
  });
  const change = (button, values) => {
    const next = Object.assign([...state(button)], values);
    if (next[0] || next[2] || next[3]) kept[button.dataset.task] = next;
    else delete kept[button.dataset.task];
    paint(button);
    share();
    if (!keep()) document.querySelector("#tasks-section > p:last-child").textContent = words.not_kept;
  };
  // A note and when a photo was taken; made when somebody asks for it.
  const memo = (button) => {
    const item = button.parentNode, open = item.querySelector(".memo");
    if (open) { open.hidden = !open.hidden; return; }
    const box = put(item, "div"), text = put(box, "textarea"), photo = put(box, "button", words.photo);
    box.className = "memo";
    attributes(text, { rows: 2, maxlength: 200, placeholder: words.note_hint, "aria-label": words.note_hint });
    text.value = state(button)[2] || "";
    text.addEventListener("input", () => change(button, { 2: text.value.trim() }));
    photo.type = "button";
    const press = () => photo.setAttribute("aria-pressed", String(Boolean(state(button)[3])));
    photo.addEventListener("click", () => { change(button, { 3: state(button)[3] ? "" : now() }); press(); });
    press();
  };
  buttons.forEach((button) => {
    paint(button);
    button.addEventListener("click", () => {
      const next = (state(button)[0] + 1) % STATES.length;
      change(button, { 0: next, 1: next ? today() : "" });
    });
    button.parentNode.querySelector(".note").addEventListener("click", () => memo(button));
  });
  share();

  // --- messages to copy
  const progress = () => {
    const lines = [`${words.progress_head} ${data.head} ${today()}`];
    document.querySelectorAll("details.tasks").forEach((group) => {
      lines.push("", group.querySelector("summary > span").textContent);
      group.querySelectorAll("li").forEach((item) => {
        const [number, on] = state(item.querySelector(".state"));
        const told = noted(state(item.querySelector(".state")));
        lines.push(["·", item.querySelector("b").textContent, words[STATES[number]], on, told].filter(Boolean).join(" "));
      });
    });
    return lines.join("\n");
  };
  // What people write by hand may hold the number of a person: it does not go into a message.
  const impersonal = (text) => text.replace(/(^|\D)(1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\d{17}[\dXx])(?!\d)/g, `$1${words.private}`);
  const value = (id) => document.getElementById(id).value.trim();
  const mistake = () => [
    `${words.mistake_head} ${data.head} ${today()}`,
    `${words.mistake_place}:${value("mistake-place")}`,
    `${words.mistake_kind}:${value("mistake-kind")}`,
    `${words.mistake_text}:${value("mistake-text")}`,
  ].join("\n");
  document.querySelectorAll(".copy").forEach((button) => button.addEventListener("click", async () => {
    const box = document.getElementById(button.dataset.copy);
    box.value = impersonal(button.dataset.copy === "progress" ? progress() : mistake());
    box.hidden = false;
    box.rows = Math.min(14, box.value.split("\n").length + 1);
    box.select();
    let copied = false;
    try { await navigator.clipboard.writeText(box.value); copied = true; } catch (error) { copied = document.execCommand("copy"); }
    const first = button.dataset.label || (button.dataset.label = button.textContent);
    button.textContent = copied ? words.copied : words.copy_by_hand;
    setTimeout(() => { button.textContent = first; }, 4000);
  }));

  // --- whom to call
  const search = document.getElementById("search");
  if (search) search.addEventListener("input", () => {
    const asked = search.value.trim().toLowerCase();
    const within = (text, part) => /^[\x00-\x7f]*$/.test(part) ? ` ${text}`.includes(` ${part}`) : text.includes(part);
    const fits = (word) => within(word, asked) || (asked && within(asked, word));
    let found = 0;
    document.querySelectorAll(".issue").forEach((item) => {
      item.hidden = !item.dataset.words.split("|").some(fits);
      found += item.hidden ? 0 : 1;
    });
    document.querySelectorAll("#issues > details").forEach((group) => {
      group.hidden = !group.querySelector(".issue:not([hidden])");
      group.open = Boolean(asked);
      group.querySelector(".share").hidden = Boolean(asked);  // how many there are, not how many were found
    });
    document.getElementById("none").hidden = found > 0;
  });

  measure();
  show(whole());
})();
