// The map on the desk. It is made once; what changes from run to run is fetched by the name of its content and drawn
// in its place, so that zoom, centre and switched layers stay.
const SLOW_MS = 10000;
const loading = new Map();

function load(address, root, tag) {
  const where = new URL(address, document.baseURI).href;
  if (tag === "script" && loading.has(where)) return loading.get(where);
  const done = new Promise((kept, broken) => {
    const made = document.createElement(tag);
    made.addEventListener("load", kept);
    made.addEventListener("error", () => broken(new TypeError("script")));
    if (tag === "link") Object.assign(made, { rel: "stylesheet", href: where });
    else made.src = where;
    root.appendChild(made);
  });
  if (tag === "script") {
    loading.set(where, done);
    done.catch(() => loading.delete(where));
  }
  return done;
}

async function content(address) {
  const answer = await fetch(new URL(address, document.baseURI).href).catch(() => ({ ok: false }));
  if (!answer.ok) throw new TypeError("script");
  return answer.json();
}

// Scripts, style sheets and the first layers, then the map around them.
async function make(box, data) {
  await load(data.code.leaflet, document.head, "script");
  await load(data.code.drawing, document.head, "script");
  await Promise.all(data.code.sheets.map((sheet) => load(sheet, box, "link")));
  const frame = await content(data.frame);
  const place = document.createElement("div");
  box.appendChild(place);
  const map = L.map(place, { zoomSnap: 0.25, minZoom: 3, maxZoom: 21, attributionControl: false, zoomControl: true });
  if (data.tiles) {
    L.tileLayer(data.tiles, { minZoom: 3, maxZoom: 21, maxNativeZoom: 18 }).addTo(map);
    frame.ground = [];
  }
  const hear = {
    picked: (at, add) => box.send("picked", { place: at, add: add }),
    boxed: (places) => box.send("boxed", { places: places })
  };
  box.drawn = { plan: drawPlan(map, frame, hear), had: new Map([["frame", data.frame]]), of: data.plan, look: data.look };
  new ResizeObserver(() => box.drawn && box.drawn.plan.resize()).observe(place);
}

// Bring the map to what `data` says; what it has already is left alone.
async function follow(box, data) {
  if (box.drawn && box.drawn.of !== data.plan) clear(box);
  if (!box.drawn) {
    box.slow = setTimeout(() => fail(box, "slow"), SLOW_MS);
    await make(box, data);
  }
  const { plan, had } = box.drawn;
  if (had.get("frame") !== data.frame) {
    plan.layers((await content(data.frame)).layers);
    had.set("frame", data.frame);
  }
  const fresh = data.layers.filter(([key, address]) => had.get(key) !== address);
  const states = had.get("states") === data.states ? null : content(data.states);
  const drawn = await Promise.all(fresh.map(([, address]) => content(address)));
  const stays = new Set(["frame", "states", ...data.layers.map(([key]) => key)]);
  for (const key of [...had.keys()]) if (!stays.has(key)) { plan.drop(key); had.delete(key); }
  drawn.forEach((layer, n) => { plan.put(layer); had.set(...fresh[n]); });
  if (states) { plan.dress(await states); had.set("states", data.states); }
  plan.select(data.selected);
  if (data.look !== null && data.look !== box.drawn.look) plan.lookAt(data.selected);
  box.drawn.look = data.look;
  if (fresh.length || states) plan.place();
  box.dataset.drawn = [...data.layers.map(([, address]) => address.slice(-13, -5)), ...data.selected].join();  // for tests
  arrive(box);
}

// Take down the map, or what there is of it.
function clear(box) {
  if (box.drawn) box.drawn.plan.map.remove();
  box.drawn = null;
  box.whole = false;
  box.replaceChildren();
}

// Let the page show a picture meanwhile. A slow map goes on loading; a broken one is made anew when the page next changes.
function fail(box, cause) {
  clearTimeout(box.slow);
  if (cause !== "slow") clear(box);
  const said = box.standIn === cause || (box.standIn && cause === "slow");
  if (said || !box.isConnected) return;
  box.standIn = cause;
  box.send("failed", { cause: cause });
}

// The map is whole: what stands in for it can go.
function arrive(box) {
  clearTimeout(box.slow);
  box.whole = true;
  const said = box.querySelector("p");
  if (said) said.remove();
  if (!box.standIn) return;
  box.standIn = null;
  box.classList.remove("late");
  box.send("arrived", {});
}

export default function ({ data, parentElement, setTriggerValue }) {
  let box = parentElement.querySelector("[data-desk-map]");
  if (!box) {
    box = document.createElement("div");
    box.className = "desk-map";
    box.dataset.deskMap = "";
    const said = document.createElement("p");
    said.textContent = data.words.loading;
    box.appendChild(said);
    box.turn = Promise.resolve();
    parentElement.appendChild(box);
  }
  box.send = setTriggerValue;
  box.standIn = data.stand_in;
  box.classList.toggle("late", data.stand_in !== null && !box.whole);
  // One after the other: a click that comes while layers are fetched waits for them.
  box.turn = box.turn.then(() => follow(box, data)).catch((error) => {
    fail(box, error.message === "script" ? "script" : "error:" + error.message);
  });
}
