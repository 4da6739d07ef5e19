// Turns the page to a block that has just changed: on a phone it may lie far from where the person looks.
export default function ({ data, parentElement }) {
  const place = parentElement.host || parentElement;
  if (place.turn === data.turn) return;
  place.turn = data.turn;
  const block = document.querySelector(".st-key-" + data.key);
  if (!block) return;
  let frames = 20; // the block is still being laid out when this runs
  (function turn() {
    block.scrollIntoView({ block: "center" });
    frames -= 1;
    if (frames) requestAnimationFrame(turn);
  }());
}
