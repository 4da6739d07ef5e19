// What this page fetched, and how much of it from another machine than the one that serves the desk.
export default function ({ data, parentElement }) {
  let box = parentElement.querySelector("p");
  if (!box) {
    box = document.createElement("p");
    box.className = "outside";
    box.setAttribute("role", "status");
    parentElement.appendChild(box);
  }
  function count() {
    const asked = performance.getEntriesByType("resource").map((one) => new URL(one.name, location.href));
    const outside = asked.filter((one) => one.protocol.startsWith("http") && one.host !== location.host);
    box.dataset.outside = outside.length;
    box.style.color = outside.length ? "#8a1c1c" : "#1d5b3a";
    const hosts = [...new Set(outside.map((one) => one.host))].join(", ");
    const words = outside.length ? data.words.some : data.words.none;
    box.textContent = words.replace("{number}", asked.length).replace("{outside}", outside.length).replace("{hosts}", hosts).replace("{host}", location.host);
  }
  count();
  if (!box.watched) box.watched = new PerformanceObserver(count);
  box.watched.disconnect();
  box.watched.observe({ type: "resource" });
}
