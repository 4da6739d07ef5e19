// Whoever sits at this computer is asked once: the answer stays in the browser, never in a file of the program.
const KEPT = "zutuan-who";

export default function ({ data, parentElement, setTriggerValue }) {
  const known = localStorage.getItem(KEPT) || "";
  if (data.who) {
    if (known !== data.who) localStorage.setItem(KEPT, data.who);
  } else if (known && !parentElement.told) {
    parentElement.told = true;
    setTriggerValue("who", known);
  }
}
