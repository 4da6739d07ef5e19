// The line that is always there: which draft, saved when, what is not in order, undo and redo, who works here.
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

// Who works here, by name and post.
const WITH_POST = /^(.+?)\(([^()]+)\)$/;

function field(words, value, keep) {
  const input = make("input");
  input.type = "text";
  input.maxLength = 40;
  input.value = value;
  input.placeholder = words.example;
  input.setAttribute("aria-label", words.label);
  input.addEventListener("change", keep);
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") input.blur(); });
  return input;
}

function person(data, box) {
  const here = make("span", data.who ? "who" : "who ask");
  const [, name, post] = data.who.match(WITH_POST) || ["", data.who, ""];
  let who = data.who;
  const keep = () => {
    const [given, role] = [names.value.trim(), posts.value.trim()];
    const now = given && role ? `${given}(${role})` : given;
    if (now === who) return;
    who = now;
    here.className = who ? "who" : "who ask";
    box.now.tell("who", who);
  };
  const words = data.words;
  const names = field({ label: words.who, example: words.who_example }, name, keep);
  const posts = field({ label: words.post, example: words.post }, post, keep);
  posts.className = "post";
  here.title = words.who_ask;
  if (data.signed_in) {
    here.className = "who";
    here.append(make("label", "", words.who), make("b", "", data.who));
    return here;
  }
  here.append(make("label", "", words.who), names, posts);
  return here;
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
  else box.replaceChildren(...fresh, person(data, box));

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
