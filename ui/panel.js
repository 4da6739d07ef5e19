// Lists of a plan and the card of one thing in it. Data becomes text nodes, never HTML.
function make(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined && text !== null) element.textContent = text;
  return element;
}

// A thing of the plan: a click opens it, the box before it takes it into the selection, its button proposes a change.
function rowOf(row, selected, ways, chosen) {
  const button = rowButton(row, selected, ways.pick);
  if (!row.act && !(row.choose && ways.toggle)) return button;
  const line = make("div", "line");
  if (row.choose && ways.toggle) {
    const box = make("input", "choose");
    box.type = "checkbox";
    box.checked = chosen.has(row.id);
    box.dataset.choose = row.id;
    box.setAttribute("aria-label", row.head);
    box.addEventListener("change", () => ways.toggle(row.id));
    line.appendChild(box);
  }
  line.appendChild(button);
  if (row.act) {
    const act = make("button", "act", row.act.label);
    act.type = "button";
    act.dataset.act = row.act.id;
    act.addEventListener("click", () => ways.act(row.act.id));
    line.appendChild(act);
  }
  return line;
}

function rowButton(row, selected, pick) {
  const button = make("button", "row" + (row.id && row.id === selected ? " chosen" : ""));
  button.type = "button";
  button.disabled = !row.id;
  if (row.id) button.dataset.id = row.id;
  const head = make("span", "head");
  if (row.sign) head.appendChild(make("i", "sign sign-" + row.mark, row.sign));
  head.appendChild(make("b", "", row.head));
  for (const tag of row.tags || []) head.appendChild(make("em", "tag", tag));
  button.append(head, make("span", "number", row.number || ""));
  for (const text of row.texts || []) if (text) button.appendChild(make("small", "", text));
  if (row.id) button.addEventListener("click", () => pick(row.id));
  return button;
}

function drawCard(box, data, ways) {
  const card = data.card;
  const back = make("button", "back", "‹ " + data.words.back);
  back.type = "button";
  back.addEventListener("click", ways.close);
  const title = make("h3", "", card.title);
  for (const tag of card.tags) title.appendChild(make("em", "tag tag-" + tag.mark, tag.text));
  const lines = make("dl");
  for (const line of card.lines) {
    const value = make("dd", line.mark || "", line.text);
    for (const link of line.links || []) value.appendChild(rowOf(link, null, { pick: ways.pick, act: ways.act }, new Set()));
    lines.append(make("dt", "", line.term), value);
  }
  box.replaceChildren(back, title, lines);
  box.scrollTop = 0;
}

function drawList(box, data, view, ways) {
  const list = data.lists.find((one) => one.key === view.key) || data.lists[0];
  const tabs = make("nav");
  for (const one of data.lists) {
    const tab = make("button", one === list ? "tab on" : "tab", one.label);
    tab.type = "button";
    tab.dataset.list = one.key;
    tab.appendChild(make("span", "", one.rows.length));
    tab.addEventListener("click", () => {
      Object.assign(view, { key: one.key, kind: "", sought: "" });
      drawList(box, data, view, ways);
      hold(box, `[data-list="${one.key}"]`);
    });
    tabs.appendChild(tab);
  }
  const search = make("input");
  search.type = "search";
  search.placeholder = data.words.search;
  search.setAttribute("aria-label", data.words.search);
  search.value = view.sought;
  const rows = make("div", "rows");

  function fill() {
    const sought = view.sought.trim().toLowerCase();
    const found = list.rows.filter((row) => (!view.kind || row.kind === view.kind)
      && (!sought || [row.head, row.find || "", ...(row.texts || [])].join(" ").toLowerCase().includes(sought)));
    const chosen = new Set(data.chosen);
    const shown = found.slice(0, data.most).map((row) => rowOf(row, data.last, ways, chosen));
    const free = found.filter((row) => row.choose).map((row) => row.id);
    if (view.sought && free.length) {
      const every = make("button", "only", data.words.choose_found.replace("{number}", free.length));
      every.type = "button";
      every.addEventListener("click", () => ways.all(free));
      shown.unshift(every);
    }
    if (view.kind) {
      const only = make("button", "only", data.words.kinds[view.kind] + " " + found.length + " ×");
      only.type = "button";
      only.addEventListener("click", () => { view.kind = ""; fill(); });
      shown.unshift(only);
    }
    if (!found.length) shown.push(make("p", "note", list.rows.length ? data.words.none : list.empty));
    if (found.length > data.most) shown.push(make("p", "note", data.words.more));
    rows.replaceChildren(...shown);
  }

  search.addEventListener("input", () => { view.sought = search.value; fill(); });
  fill();
  box.replaceChildren(tabs, ...(list.rows.length > 8 ? [search] : []), rows);
  const chosen = rows.querySelector(".chosen");
  if (chosen) rows.scrollTop = chosen.offsetTop - rows.offsetTop - 80;
}

// Where the keyboard is: what is drawn anew takes it up again, a card that opens at its way back, a list at its last row.
function heldBy(element) {
  if (!element) return "";
  if (element.type === "search") return "input[type=search]";
  const name = ["choose", "act", "id", "list"].find((one) => element.dataset[one]);
  return name ? `[data-${name}="${CSS.escape(element.dataset[name])}"]` : ".back, .chosen, .row";
}

function hold(box, held) {
  if (!held) return;
  const found = box.querySelector(held) || box.querySelector(".back, .row.chosen");
  if (found) found.focus({ preventScroll: true });
}

export default function ({ data, parentElement, setTriggerValue }) {
  let box = parentElement.querySelector("section");
  if (!box) {
    box = make("section");
    box.view = { key: data.lists[0].key, kind: "", sought: "", turn: 0 };
    parentElement.appendChild(box);
  }
  if (data.show && data.show.turn !== box.view.turn) {
    box.view = { key: data.show.key, kind: data.show.kind, sought: "", turn: data.show.turn };
  }
  const ways = {
    pick: (id) => setTriggerValue("picked", id),
    toggle: (id) => setTriggerValue("toggled", id),
    all: (ids) => setTriggerValue("all", ids),
    act: (id) => setTriggerValue("acted", id),
    close: () => setTriggerValue("closed", true)
  };
  const held = heldBy(parentElement.activeElement);
  box.className = data.card ? "card" : "lists";
  const scrolled = box.querySelector(".rows") ? box.querySelector(".rows").scrollTop : 0;
  if (data.card) drawCard(box, data, ways);
  else {
    drawList(box, data, box.view, ways);
    const rows = box.querySelector(".rows");
    if (scrolled && !rows.querySelector(".chosen")) rows.scrollTop = scrolled;
  }
  hold(box, held);
}
