// The sentence that says what the plan comes to; its numbers are buttons.
export default function ({ data, parentElement, setTriggerValue }) {
  let line = parentElement.querySelector("p");
  if (!line) {
    line = document.createElement("p");
    parentElement.appendChild(line);
  }
  line.replaceChildren(...data.parts.map((part) => {
    if (!part.opens) return document.createTextNode(part.text);
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = part.text;
    button.dataset.opens = part.opens;
    button.title = part.title;
    button.addEventListener("click", () => setTriggerValue("opened", part.opens));
    return button;
  }));
}
