// What moves in charts: what stands at the pointer, curves that hide, a range that is looked at closer, pictures to keep;
// and sliders over thresholds. Points and words stand in the page already.

const SVG = "http://www.w3.org/2000/svg";

function made(name, attributes = {}, text = "") {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  return element;
}

const pair = (text) => (text || "").split(" ").map(Number);
const brief = (n) => (n === 0 ? "0" : Math.abs(n) >= 1e-4 && Math.abs(n) < 1e9 ? String(Number(n.toPrecision(6))) : n.toExponential(4));

/* The little sheet beside the pointer. It is read aloud when keys move it. */

function tipOf(figure) {
  const area = figure.querySelector(".chart-area");
  const tip = document.createElement("p");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("role", "status");
  figure.append(tip);
  return {
    show(words, x, y) {
      tip.textContent = words;
      tip.hidden = false;
      const box = figure.getBoundingClientRect();
      const left = Math.min(x - box.left + 14, box.width - tip.offsetWidth - 4);
      tip.style.left = `${Math.max(0, left)}px`;
      tip.style.top = `${Math.max(0, y - box.top - tip.offsetHeight - 12)}px`;
    },
    hide() {
      tip.hidden = true;
    },
    area,
  };
}

/* Curves. */

class Lines {
  constructor(figure) {
    this.figure = figure;
    this.svg = figure.querySelector(".chart-area > svg");
    this.plot = this.svg.querySelector("svg.plot");
    [this.left, this.right, this.top, this.bottom] = pair(this.svg.dataset.plot);
    this.whole = pair(this.svg.dataset.x);
    this.range = this.whole;
    this.height = pair(this.svg.dataset.y);
    [this.xName, this.yName] = (this.svg.dataset.names || "\n").split("\n");
    this.curves = [...this.svg.querySelectorAll("g.curve")].map((g) => {
      const numbers = pair(g.dataset.points);
      const points = [];
      for (let at = 0; at + 1 < numbers.length; at += 2) points.push([numbers[at], numbers[at + 1]]);
      return { g, points, name: g.dataset.name, notes: JSON.parse(g.dataset.notes || "[]"), filled: g.querySelector(".area") };
    });
    this.marks = [...this.svg.querySelectorAll("g.mark")].map((g) => ({ g, from: pair(g.dataset.from), to: pair(g.dataset.to) }));
    this.tip = tipOf(figure);
    this.at = null;
    this.listen();
  }

  x(value) {
    const [low, high] = this.range;
    return this.left + ((value - low) / (high - low)) * (this.right - this.left);
  }

  y(value) {
    const [low, high] = this.height;
    return this.bottom + ((value - low) / (high - low)) * (this.top - this.bottom);
  }

  /** The number across at a place on the screen. */
  under(clientX) {
    const point = new DOMPoint(clientX, 0).matrixTransform(this.svg.getScreenCTM().inverse());
    const share = (point.x - this.left) / (this.right - this.left);
    return this.range[0] + Math.min(1, Math.max(0, share)) * (this.range[1] - this.range[0]);
  }

  shown() {
    return this.curves.filter((curve) => !curve.g.hasAttribute("display"));
  }

  /** Numbers across that any curve has, in the range that is looked at. */
  stops() {
    const all = new Set();
    for (const curve of this.shown()) for (const [x] of curve.points) if (x >= this.range[0] && x <= this.range[1]) all.add(x);
    return [...all].sort((a, b) => a - b);
  }

  nearest(curve, x) {
    let best = -1;
    curve.points.forEach(([at], index) => {
      if (best < 0 || Math.abs(at - x) < Math.abs(curve.points[best][0] - x)) best = index;
    });
    return best;
  }

  /** Says what all curves have near a number. */
  say(x) {
    const lines = [];
    let anchor = null;
    for (const curve of this.shown()) {
      const index = this.nearest(curve, x);
      if (index < 0 || curve.g.classList.contains("guide")) continue;
      const [px, py] = curve.points[index];
      const note = curve.notes[index] ? ` · ${curve.notes[index]}` : "";
      lines.push(`${curve.name}: ${brief(py)} (${brief(px)})${note}`);
      if (!anchor || Math.abs(px - x) < Math.abs(anchor[0] - x)) anchor = [px, py];
    }
    if (!anchor) return this.quiet();
    this.at = anchor[0];
    this.cross ||= this.plot.appendChild(made("line", { class: "cross", y1: this.top, y2: this.bottom }));
    this.cross.removeAttribute("display");
    this.cross.setAttribute("x1", this.x(anchor[0]));
    this.cross.setAttribute("x2", this.x(anchor[0]));
    const place = new DOMPoint(this.x(anchor[0]), this.y(anchor[1])).matrixTransform(this.svg.getScreenCTM());
    this.tip.show([`${this.xName || "x"} ${brief(anchor[0])}`, ...lines].join("\n"), place.x, place.y);
  }

  quiet() {
    this.cross?.setAttribute("display", "none");
    this.tip.hide();
  }

  listen() {
    const area = this.tip.area;
    area.tabIndex = 0;
    area.setAttribute("role", "group");
    area.setAttribute("aria-label", `${this.figure.querySelector("figcaption").textContent}: ${this.figure.dataset.keys}`);
    for (const title of this.plot.querySelectorAll("title")) title.remove();
    let began = null;
    let brush = null;
    area.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.pointerType === "touch") return;
      began = this.under(event.clientX);
      area.setPointerCapture(event.pointerId);
    });
    area.addEventListener("pointermove", (event) => {
      if (began === null) return this.say(this.under(event.clientX));
      const now = this.under(event.clientX);
      const [low, high] = [Math.min(began, now), Math.max(began, now)];
      brush ||= this.plot.appendChild(made("rect", { class: "brush", y: this.top, height: this.bottom - this.top }));
      brush.setAttribute("x", this.x(low));
      brush.setAttribute("width", this.x(high) - this.x(low));
    });
    area.addEventListener("pointerup", (event) => {
      if (began === null) return;
      const [low, high] = [began, this.under(event.clientX)].sort((a, b) => a - b);
      brush?.remove();
      [began, brush] = [null, null];
      if ((high - low) / (this.range[1] - this.range[0]) > 0.02) this.look([low, high]);
    });
    area.addEventListener("pointercancel", () => {
      brush?.remove();
      [began, brush] = [null, null];
    });
    area.addEventListener("pointerleave", () => this.quiet());
    area.addEventListener("blur", () => this.quiet());
    area.addEventListener("dblclick", () => this.look(this.whole));
    area.addEventListener("keydown", (event) => {
      if (event.key === "Escape") return this.quiet();
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      event.preventDefault();
      const stops = this.stops();
      if (stops.length === 0) return;
      const next = event.key === "ArrowRight"
        ? stops.find((stop) => this.at === null || stop > this.at) ?? stops.at(-1)
        : stops.findLast((stop) => this.at !== null && stop < this.at) ?? stops[0];
      this.say(next);
    });
  }

  /** Looks at a part of the numbers across. */
  look(range) {
    this.range = range;
    this.quiet();
    const button = this.figure.querySelector("[data-do=whole]");
    if (button) button.hidden = range === this.whole;
    for (const curve of this.curves) {
      const line = curve.points.map(([x, y]) => `${this.x(x).toFixed(1)} ${this.y(y).toFixed(1)}`).join("L");
      curve.g.querySelector("path.line").setAttribute("d", `M${line}`);
      const floor = this.y(Math.min(Math.max(this.height[0], 0), this.height[1]));
      const [first, last] = [curve.points[0][0], curve.points.at(-1)[0]];
      curve.filled?.setAttribute("d", `M${line}L${this.x(last)} ${floor}L${this.x(first)} ${floor}Z`);
      curve.g.querySelectorAll("circle.dot").forEach((dot, index) => dot.setAttribute("cx", this.x(curve.points[index][0])));
    }
    for (const { g, from, to } of this.marks) {
      const line = g.querySelector("line");
      const moved = (this.x(from[0]) + this.x(to[0])) / 2 - (Number(line.getAttribute("x1")) + Number(line.getAttribute("x2"))) / 2;
      line.setAttribute("x1", this.x(from[0]));
      line.setAttribute("x2", this.x(to[0]));
      const text = g.querySelector("text");
      text.setAttribute("x", Number(text.getAttribute("x")) + moved);
    }
    this.ticks();
  }

  ticks() {
    const group = this.svg.querySelector("g.across");
    const [low, high] = this.range;
    const rough = (high - low) / 6;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = ([1, 2, 2.5, 5].find((nice) => rough / power <= nice + 1e-9) || 10) * power;
    group.replaceChildren();
    for (let tick = Math.ceil(low / step - 1e-6); tick <= high / step + 1e-6; tick += 1) {
      const x = this.x(tick * step);
      group.append(
        made("line", { x1: x, x2: x, y1: this.top, y2: this.bottom }),
        made("text", { x, y: this.bottom + 18, "text-anchor": "middle" }, brief(Number((tick * step).toPrecision(10)))),
      );
    }
  }
}

/* Bars and heat maps: what is pointed at says itself. */

function pointed(figure) {
  const svg = figure.querySelector(".chart-area > svg");
  const tip = tipOf(figure);
  const words = new Map();
  for (const title of svg.querySelectorAll("title")) {
    words.set(title.parentElement, title.textContent);
    title.remove();
  }
  const columns = JSON.parse(svg.dataset.columns || "[]");
  const values = new Map();
  const said = (shape) => {
    const row = shape.closest("g.cells");
    if (!row) return words.get(shape);
    if (!values.has(row)) values.set(row, row.dataset.values.split(" "));
    const at = Number(shape.dataset.column);
    return `${row.dataset.name} · ${columns[at]}: ${values.get(row)[at]}`;
  };
  svg.addEventListener("pointermove", (event) => {
    const shape = event.target.closest("rect.bar, rect.cell, circle.dot");
    const text = shape && said(shape);
    if (text) tip.show(text, event.clientX, event.clientY);
    else tip.hide();
  });
  svg.addEventListener("pointerleave", () => tip.hide());
}

/* Legends: names become buttons. */

function buttons(figure) {
  for (const name of figure.querySelectorAll(".legend span.entry")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "entry";
    button.dataset.part = name.dataset.part;
    button.setAttribute("aria-pressed", "true");
    button.append(...name.childNodes);
    name.replaceWith(button);
    button.addEventListener("click", () => {
      const shows = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(shows));
      for (const part of figure.querySelectorAll(`.chart-area g[data-part="${button.dataset.part}"]`)) {
        if (shows) part.removeAttribute("display");
        else part.setAttribute("display", "none");
      }
    });
  }
}

/* Pictures to keep. Colours come from the style sheet: each shape takes its own along. */

const KEPT = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "font-family", "font-size",
  "font-weight", "paint-order", "color", "display"];

function dressed(svg) {
  const copy = svg.cloneNode(true);
  const [own, others] = [[svg, ...svg.querySelectorAll("*")], [copy, ...copy.querySelectorAll("*")]];
  own.forEach((element, at) => {
    const style = getComputedStyle(element);
    for (const name of KEPT) {
      const value = style.getPropertyValue(name);
      const isPlain = name === "display" ? value === "none" : value && value !== "none" && value !== "normal";
      // A pattern is named by the attribute already.
      if (name === "fill" && element.getAttribute("fill")?.startsWith("url(")) continue;
      if (isPlain) others[at].setAttribute(name, value);
      else if (name === "fill" && value === "none") others[at].setAttribute(name, "none");
    }
    for (const data of [...others[at].attributes]) if (data.name.startsWith("data-")) others[at].removeAttribute(data.name);
  });
  const [, , width, height] = pair(svg.getAttribute("viewBox"));
  copy.setAttribute("xmlns", SVG);
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  copy.prepend(made("rect", { width, height, fill: ground(svg) }));
  return copy;
}

const ground = (svg) => getComputedStyle(svg).getPropertyValue("--surface").trim() || "white";

function keep(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** Paints what an SVG of ours has onto a canvas: no image is loaded, which the page's policy would not let us. */
function painted(svg) {
  const [, , width, height] = pair(svg.getAttribute("viewBox"));
  const scale = Math.min(2, 8000 / Math.max(width, height));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width * scale, height * scale];
  const paint = canvas.getContext("2d");
  paint.fillStyle = ground(svg);
  paint.fillRect(0, 0, canvas.width, canvas.height);
  const base = svg.getScreenCTM().inverse();
  for (const shape of svg.querySelectorAll("path, line, rect, circle, text")) {
    if (shape.closest("defs, [display=none]")) continue;
    const at = base.multiply(shape.getScreenCTM());
    paint.save();
    paint.scale(scale, scale);
    const clip = shape.ownerSVGElement;
    if (clip !== svg) {
      paint.beginPath();
      paint.rect(...["x", "y", "width", "height"].map((name) => Number(clip.getAttribute(name))));
      paint.clip();
    }
    paint.transform(at.a, at.b, at.c, at.d, at.e, at.f);
    one(paint, shape, getComputedStyle(shape));
    paint.restore();
  }
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

function outline(shape) {
  const n = (name) => Number(shape.getAttribute(name) || 0);
  const path = new Path2D(shape.localName === "path" ? shape.getAttribute("d") : undefined);
  if (shape.localName === "line") {
    path.moveTo(n("x1"), n("y1"));
    path.lineTo(n("x2"), n("y2"));
  } else if (shape.localName === "rect") path.rect(n("x"), n("y"), n("width"), n("height"));
  else if (shape.localName === "circle") path.arc(n("cx"), n("cy"), n("r"), 0, 2 * Math.PI);
  return path;
}

function one(paint, shape, style) {
  const isPattern = style.fill.startsWith("url(");
  paint.lineWidth = parseFloat(style.strokeWidth) || 1;
  paint.lineJoin = "round";
  paint.setLineDash(style.strokeDasharray === "none" ? [] : style.strokeDasharray.split(/[ ,]+/).map(parseFloat));
  if (shape.localName === "text") {
    paint.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    paint.textAlign = { middle: "center", end: "end" }[shape.getAttribute("text-anchor")] || "start";
    const place = [shape.textContent, Number(shape.getAttribute("x")), Number(shape.getAttribute("y"))];
    if (style.stroke !== "none") {
      paint.strokeStyle = style.stroke;
      paint.strokeText(...place);
    }
    paint.fillStyle = style.fill;
    paint.fillText(...place);
    return;
  }
  const path = outline(shape);
  if (style.fill !== "none") {
    paint.globalAlpha = isPattern ? 0.45 : Number(style.fillOpacity);
    paint.fillStyle = isPattern ? style.color : style.fill;
    paint.fill(path);
    paint.globalAlpha = 1;
  }
  if (style.stroke !== "none") {
    paint.strokeStyle = style.stroke;
    paint.stroke(path);
  }
}

function tools(figure, lines) {
  const bar = figure.querySelector(".chart-tools");
  const svg = figure.querySelector(".chart-area > svg");
  if (!bar || !svg) return;
  bar.hidden = false;
  bar.addEventListener("click", async (event) => {
    const what = event.target.closest("button")?.dataset.do;
    lines?.quiet();
    if (what === "whole") lines?.look(lines.whole);
    else if (what === "svg") {
      const text = new XMLSerializer().serializeToString(dressed(svg));
      keep(new Blob([text], { type: "image/svg+xml" }), `${figure.id}.svg`);
    } else if (what === "png") keep(await painted(svg), `${figure.id}.png`);
  });
}

/* Sliders: all figures are in the page. */

function slide(slider) {
  const { stops, cells } = JSON.parse(slider.dataset.slider);
  const label = slider.querySelector(".slide");
  const range = label.querySelector("input");
  slider.querySelector("form").hidden = true;
  label.hidden = false;
  range.addEventListener("input", () => {
    const at = Number(range.value);
    label.querySelector("output").textContent = stops[at];
    range.setAttribute("aria-valuetext", stops[at]);
    for (const cell of slider.querySelectorAll("[data-cell]")) cell.textContent = cells[cell.dataset.cell]?.[at] ?? "";
    for (const cell of slider.querySelectorAll("[data-cell-class]")) cell.className = cells[cell.dataset.cellClass]?.[at] ?? "";
  });
}

function begin(root) {
  for (const figure of root.querySelectorAll("figure.chart[data-kind]")) {
    if (figure.querySelector(".tip")) continue;
    const lines = figure.dataset.kind === "lines" ? new Lines(figure) : null;
    if (!lines) pointed(figure);
    buttons(figure);
    tools(figure, lines);
  }
  for (const slider of root.querySelectorAll("[data-slider]")) slide(slider);
}

begin(document);
document.addEventListener("renewed", (event) => begin(event.target));
