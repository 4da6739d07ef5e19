// The line that is always there: which draft, saved when, what is not in order, undo and redo, who works here.
const KEPT = "zutuan-who";

function make(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined && text !== null) element.textContent = text;
  return element;
}

function step(way, title, words, tell) {
  const button = make("button", "step " + way, words[way]);
  button.type = "button";
  button.disabled = !title;
  button.title = title || words["no_" + way];
  button.setAttribute("aria-label", title || words["no_" + way]);
  button.addEventListener("click", () => tell(way, true));
  return button;
}

// Whoever sits at this computer is asked once: the name stays in the browser, never in a file of the program.
function person(data, tell) {
  const box = make("span", "who");
  const input = make("input");
  input.type = "text";
  input.maxLength = 40;
  input.value = data.who;
  input.placeholder = data.words.who_example;
  input.setAttribute("aria-label", data.words.who);
  const keep = () => {
    const name = input.value.trim();
    if (name === data.who) return;
    localStorage.setItem(KEPT, name);
    tell("who", name);
  };
  input.addEventListener("change", keep);
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") input.blur(); });
  box.append(make("label", "", data.words.who), input);
  return box;
}

export default function ({ data, parentElement, setTriggerValue }) {
  let box = parentElement.querySelector("header");
  if (!box) {
    box = make("header");
    parentElement.appendChild(box);
  }
  box.now = { data, tell: setTriggerValue };
  const title = make("h1", "", data.title);
  const state = make("p", "state");
  state.append(make("b", "", data.draft), make("span", "saved", data.saved));
  const badge = make("button", "badge " + data.badge.mark, data.badge.text);
  badge.type = "button";
  badge.addEventListener("click", () => setTriggerValue("checks", true));
  const steps = make("span", "steps");
  steps.append(step("undo", data.undo, data.words, setTriggerValue), step("redo", data.redo, data.words, setTriggerValue));
  const typing = parentElement.activeElement && parentElement.activeElement.tagName === "INPUT";
  const fresh = [title, state, badge, steps];
  if (typing) fresh.forEach((element, n) => box.children[n].replaceWith(element));
  else box.replaceChildren(...fresh, person(data, setTriggerValue));

  const known = localStorage.getItem(KEPT);
  if (!data.who && known && !box.told) {
    box.told = true;
    setTriggerValue("who", known);
  }
  if (!box.listens) {
    box.listens = true;
    document.addEventListener("keydown", (event) => {
      const at = event.composedPath()[0];
      if (!box.isConnected || !(event.ctrlKey || event.metaKey) || at.closest("input, textarea, [contenteditable]")) return;
      const way = event.key.toLowerCase() === "y" || (event.key.toLowerCase() === "z" && event.shiftKey) ? "redo"
        : event.key.toLowerCase() === "z" ? "undo" : "";
      if (!way || !box.now.data[way]) return;
      event.preventDefault();
      box.now.tell(way, true);
    });
  }
}
