// The switch of language; it also tells the browser which language the page is in.
export default function ({ data, parentElement, setTriggerValue }) {
  document.documentElement.lang = data.language;
  let button = parentElement.querySelector("button");
  if (!button) {
    button = document.createElement("button");
    button.type = "button";
    button.addEventListener("click", () => setTriggerValue("switched", true));
    parentElement.appendChild(button);
  }
  button.lang = data.other_code;
  button.textContent = data.other;
}
