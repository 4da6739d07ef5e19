// Lists of a plan and the card of one thing in it. Data becomes text nodes, never HTML.
function make(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined && text !== null) element.textContent = text;
  return element;
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

function drawCard(box, data, pick, close) {
  const card = data.card;
  const back = make("button", "back", "‹ " + data.words.back);
  back.type = "button";
  back.addEventListener("click", close);
  const title = make("h3", "", card.title);
  for (const tag of card.tags) title.appendChild(make("em", "tag tag-" + tag.mark, tag.text));
  const lines = make("dl");
  for (const line of card.lines) {
    const value = make("dd", line.mark || "", line.text);
    for (const link of line.links || []) value.appendChild(rowButton(link, null, pick));
    lines.append(make("dt", "", line.term), value);
  }
  box.replaceChildren(back, title, lines);
  box.scrollTop = 0;
}

function drawList(box, data, view, pick) {
  const list = data.lists.find((one) => one.key === view.key) || data.lists[0];
  const tabs = make("nav");
  for (const one of data.lists) {
    const tab = make("button", one === list ? "tab on" : "tab", one.label);
    tab.type = "button";
    tab.dataset.list = one.key;
    tab.appendChild(make("span", "", one.rows.length));
    tab.addEventListener("click", () => { view.key = one.key; view.kind = ""; view.sought = ""; drawList(box, data, view, pick); });
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
      && (!sought || [row.head, ...(row.texts || [])].join(" ").toLowerCase().includes(sought)));
    const shown = found.slice(0, data.most).map((row) => rowButton(row, data.last, pick));
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
  const pick = (id) => setTriggerValue("picked", id);
  box.className = data.card ? "card" : "lists";
  if (data.card) drawCard(box, data, pick, () => setTriggerValue("closed", true));
  else drawList(box, data, box.view, pick);
}
