// Moves the graph of a job: drag, wheel, buttons and keys; and lights what belongs to a component. Without this the graph
// is there as a whole, and scrolls.

const LEAST = 0.15;
const MOST = 3;
/** How much of the window the graph may take. */
const TALL = 0.72;

/** What is seen of the graph: middle, in its own units, and how large; the same after it was renewed. */
let seen = null;
let held = null;

const box = () => document.querySelector("[data-graph]");

/** The whole of the picture, as the node made it. */
function whole(svg) {
  if (!svg.dataset.whole) svg.dataset.whole = `${svg.getAttribute("width")} ${svg.getAttribute("height")}`;
  const [width, height] = svg.dataset.whole.split(" ").map(Number);
  return { width, height };
}

/** Room on the page: as wide as there is, and not higher than the graph. */
function room(frame, { width, height }) {
  const wide = frame.clientWidth;
  const scale = Math.min(1, wide / width);
  const tall = Math.max(320, innerHeight * TALL);
  return { wide, high: Math.round(Math.min(tall, Math.max(height * scale, Math.min(height, 420)))) };
}

function fit(frame) {
  const { width, height } = whole(frame.firstElementChild);
  const { wide, high } = room(frame, { width, height });
  const scale = Math.max(LEAST, Math.min(1, wide / width, high / height));
  return { x: width / 2, y: height / 2, scale };
}

/** As it is first shown: all of it, unless letters would be too small to read. */
function first(frame) {
  const all = fit(frame);
  if (all.scale >= 0.6) return all;
  const { width, height } = whole(frame.firstElementChild);
  const { wide, high } = room(frame, { width, height });
  const scale = Math.max(all.scale, Math.min(0.75, Math.max(wide / width, high / height)));
  return { x: width / 2, y: Math.min(height / 2, high / scale / 2), scale };
}

function show() {
  const frame = box();
  const svg = frame?.firstElementChild;
  if (!svg || frame.clientWidth === 0) return;
  const { width, height } = whole(svg);
  const { wide, high } = room(frame, { width, height });
  seen ??= first(frame);
  seen.scale = Math.min(MOST, Math.max(LEAST, seen.scale));
  seen.x = Math.min(width, Math.max(0, seen.x));
  seen.y = Math.min(height, Math.max(0, seen.y));
  const [across, down] = [wide / seen.scale, high / seen.scale];
  frame.classList.add("moves");
  svg.setAttribute("width", wide);
  svg.setAttribute("height", high);
  svg.setAttribute("viewBox", `${seen.x - across / 2} ${seen.y - down / 2} ${across} ${down}`);
}

/** Larger or smaller; what is at the pointer stays there. */
function zoom(by, event) {
  const frame = box();
  if (!frame || !seen) return;
  const scale = Math.min(MOST, Math.max(LEAST, seen.scale * by));
  if (event) {
    const { left, top, width, height } = frame.getBoundingClientRect();
    const [x, y] = [event.clientX - left - width / 2, event.clientY - top - height / 2];
    seen.x += x / seen.scale - x / scale;
    seen.y += y / seen.scale - y / scale;
  }
  seen.scale = scale;
  show();
}

function act(what) {
  if (what === "fit") {
    const frame = box();
    seen = frame && fit(frame);
    show();
  } else zoom(what === "in" ? 1.25 : 0.8);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-zoom]");
  if (button) act(button.dataset.zoom);
});

document.addEventListener("wheel", (event) => {
  const frame = event.target.closest?.("[data-graph]");
  // The page scrolls on, unless it is meant: with Ctrl, or once somebody has gone into the graph.
  if (!frame || !(event.ctrlKey || event.metaKey || frame.contains(document.activeElement))) return;
  event.preventDefault();
  zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.03 : 0.0015)), event);
}, { passive: false });

document.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || !event.target.closest("[data-graph]") || !seen) return;
  held = { x: event.clientX, y: event.clientY, from: { ...seen }, moved: false };
});
document.addEventListener("pointermove", (event) => {
  if (!held) return;
  const [x, y] = [event.clientX - held.x, event.clientY - held.y];
  if (!held.moved && Math.hypot(x, y) < 5) return;
  held.moved = true;
  box()?.classList.add("held");
  seen.x = held.from.x - x / seen.scale;
  seen.y = held.from.y - y / seen.scale;
  show();
});
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, () => {
    const moved = held?.moved;
    held = null;
    box()?.classList.remove("held");
    // Whoever has dragged a box did not want to go to its page.
    if (moved) {
      addEventListener("click", stop, { capture: true, once: true });
      setTimeout(() => removeEventListener("click", stop, { capture: true }), 0);
    }
  });
}
function stop(event) {
  event.preventDefault();
  event.stopPropagation();
}
document.addEventListener("dragstart", (event) => {
  if (event.target.closest?.("[data-graph]")) event.preventDefault();
});

const STEPS = { ArrowLeft: [-60, 0], ArrowRight: [60, 0], ArrowUp: [0, -60], ArrowDown: [0, 60] };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !event.target.closest?.("[data-graph]")) return;
  const step = STEPS[event.key];
  if (step && seen) {
    seen.x += step[0] / seen.scale;
    seen.y += step[1] / seen.scale;
    show();
  } else if (event.key === "+" || event.key === "=") act("in");
  else if (event.key === "-") act("out");
  else if (event.key === "0") act("fit");
  else return;
  event.preventDefault();
});

/** Lights the lines of a component and its neighbours; without a name, none. */
function light(name) {
  const frame = box();
  if (!frame) return;
  const near = new Set();
  for (const edge of frame.querySelectorAll(".edge")) {
    const { from, to } = edge.dataset;
    const is = name !== undefined && (from === name || to === name);
    edge.classList.toggle("lit", is);
    if (is) near.add(from).add(to);
  }
  for (const node of frame.querySelectorAll("[data-node]")) node.classList.toggle("lit", near.has(node.dataset.node));
}

for (const [begin, end] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
  document.addEventListener(begin, (event) => {
    const node = event.target.closest?.("[data-node]");
    if (!node || !box()?.contains(node)) return;
    if (begin === "focusin" && !held) reveal(node);
    light(node.dataset.node);
  });
  document.addEventListener(end, (event) => {
    if (event.target.closest?.("[data-node]")) light(undefined);
  });
}

/** Moves to a component that was reached by keyboard and cannot be seen. */
function reveal(node) {
  const frame = box().getBoundingClientRect();
  const at = node.getBoundingClientRect();
  const inside = at.left >= frame.left && at.right <= frame.right && at.top >= frame.top && at.bottom <= frame.bottom;
  if (inside || !seen) return;
  seen.x += ((at.left + at.right) / 2 - (frame.left + frame.right) / 2) / seen.scale;
  seen.y += ((at.top + at.bottom) / 2 - (frame.top + frame.bottom) / 2) / seen.scale;
  show();
}

document.addEventListener("renewed", (event) => {
  if (event.target.querySelector?.("[data-graph]")) show();
});
let resized = 0;
addEventListener("resize", () => {
  cancelAnimationFrame(resized);
  resized = requestAnimationFrame(show);
});
show();
