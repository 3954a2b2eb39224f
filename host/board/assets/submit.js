// The editors of the page that submits: line numbers, Tab, checking while one types, forms that write into the conf.
// Without it the page works as a plain form.

const form = document.getElementById("submit");
const areas = { dsl: document.getElementById("dsl"), conf: document.getElementById("conf") };

/* Line numbers, and where the caret is. */

function number(area) {
  const gutter = document.querySelector(`[data-gutter=${area.id}]`);
  const lines = area.value.split("\n").length;
  if (Number(gutter.dataset.lines) !== lines) {
    gutter.textContent = Array.from({ length: lines }, (_, at) => at + 1).join("\n");
    gutter.dataset.lines = lines;
  }
  gutter.scrollTop = area.scrollTop;
}

function caret(area) {
  const before = area.value.slice(0, area.selectionStart).split("\n");
  const shown = document.querySelector(`[data-caret=${area.id}]`);
  const words = shown.dataset.words.replace("{1}", before.length).replace("{2}", before.at(-1).length + 1);
  shown.textContent = words;
}

/** Puts a text in the place of another, so that the browser can undo it. */
function put(area, from, to, text) {
  area.focus();
  area.setSelectionRange(from, to);
  if (!text || !document.execCommand("insertText", false, text)) {
    area.setRangeText(text, from, to, "end");
    changed(area);
  }
}

/* Tab indents the lines that are marked; Escape and then Tab leaves the editor. */

let leaving = false;

function indent(area, back) {
  const { value, selectionStart: start, selectionEnd: end } = area;
  if (start === end && !back) {
    put(area, start, end, "  ");
    return;
  }
  const from = value.lastIndexOf("\n", start - 1) + 1;
  const lines = value.slice(from, end).split("\n");
  const moved = lines.map((line) => (back ? line.replace(/^ {1,2}/, "") : `  ${line}`)).join("\n");
  put(area, from, end, moved);
  area.setSelectionRange(from, from + moved.length);
}

function key(event) {
  const area = event.target;
  if (event.key === "Escape") {
    leaving = true;
  } else if (event.key === "Tab" && !leaving && !event.ctrlKey && !event.altKey && !event.metaKey) {
    event.preventDefault();
    indent(area, event.shiftKey);
  } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    check();
  } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    // The next line begins where this one does, and deeper behind a bracket.
    event.preventDefault();
    const line = area.value.slice(area.value.lastIndexOf("\n", area.selectionStart - 1) + 1, area.selectionStart);
    const deeper = /[{[]\s*$/.test(line) ? "  " : "";
    put(area, area.selectionStart, area.selectionEnd, `\n${line.match(/^ */)[0]}${deeper}`);
  } else if (event.key !== "Shift") {
    leaving = false;
  }
}

for (const area of Object.values(areas)) {
  area.addEventListener("input", () => changed(area));
  area.addEventListener("scroll", () => number(area));
  area.addEventListener("keydown", key);
  area.addEventListener("focus", () => (leaving = false));
  for (const moved of ["keyup", "click", "select", "focus"]) area.addEventListener(moved, () => caret(area));
  number(area);
}
for (const part of document.querySelectorAll("[data-scripted], [data-format]")) part.hidden = false;

function changed(area) {
  number(area);
  caret(area);
  keep();
  later();
}

/* Formatting changes white space alone: numbers and the order of names stay as they are. */

function formatted(text) {
  const made = [];
  let depth = 0;
  let before = "";
  const line = () => `\n${"  ".repeat(depth)}`;
  for (const [piece] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    const opened = before === "{" || before === "[";
    if (piece === "}" || piece === "]") {
      depth -= 1;
      if (!opened) made.push(line());
    } else if (opened || before === ",") made.push(line());
    else if (before === ":") made.push(" ");
    if (piece === "{" || piece === "[") depth += 1;
    made.push(piece);
    before = piece;
  }
  return made.join("");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-format]");
  if (!button) return;
  const area = areas[button.dataset.format];
  try {
    JSON.parse(area.value);
    put(area, 0, area.value.length, formatted(area.value));
  } catch {
    check();
  }
});

/* Checking: a pause after the last key, and one question at a time. */

const PAUSE = 600;
let timer = 0;
let asking = null;

function later() {
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE);
}

async function check() {
  clearTimeout(timer);
  asking?.abort();
  if (!areas.dsl.value.trim() && !areas.conf.value.trim()) return;
  const mine = (asking = new AbortController());
  try {
    const body = new URLSearchParams({ dsl: areas.dsl.value, conf: areas.conf.value, part: "1" });
    const answer = await fetch("/submit/check", { method: "POST", body, signal: mine.signal });
    if (!answer.ok || answer.redirected) return;
    show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // Another check began, or the node is away: submitting will say so.
  }
}

function show(page) {
  for (const id of ["checked", "parameters"]) {
    const now = document.getElementById(id);
    const next = page.getElementById(id);
    if (!next || next.isEqualNode(now)) continue;
    // Somebody writes there: the next check is soon enough.
    if (now.contains(document.activeElement) && document.activeElement.matches("input, select")) continue;
    const open = [...now.querySelectorAll("details[open]")].map((details) => details.id);
    now.replaceWith(document.importNode(next, true));
    for (const details of open) document.getElementById(details)?.setAttribute("open", "");
  }
}

// A fault leads to its place.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-line]");
  if (!link) return;
  event.preventDefault();
  const area = areas[link.dataset.document];
  const lines = area.value.split("\n");
  const line = Math.min(lines.length, Number(link.dataset.line));
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  const from = start + Math.min(lines[line - 1].length, Number(link.dataset.column) - 1);
  area.focus();
  area.setSelectionRange(from, start + lines[line - 1].length);
  area.scrollTop = Math.max(0, (area.scrollHeight / lines.length) * (line - 4));
  caret(area);
});

/* Fields of parameters: each writes one value into the text of the conf, and leaves the rest as it stands. */

/** What stands from an index on in a text that is JSON: where the value ends, and its members when it is an object. */
function parse(text, at) {
  const space = (from) => from + text.slice(from).match(/^\s*/)[0].length;
  const string = (from) => from + text.slice(from).match(/^"(?:[^"\\]|\\.)*"/)[0].length;
  const begin = space(at);
  if (text[begin] === '"') return { begin, end: string(begin) };
  if (text[begin] !== "{" && text[begin] !== "[") {
    return { begin, end: begin + text.slice(begin).match(/^[^\s,}\]]*/)[0].length };
  }
  const members = [];
  let from = space(begin + 1);
  while (text[from] !== "}" && text[from] !== "]") {
    const nameAt = from;
    let name = null;
    if (text[begin] === "{") {
      name = JSON.parse(text.slice(from, string(from)));
      from = space(string(from)) + 1;
    }
    const value = parse(text, from);
    members.push({ name, nameAt, value });
    from = space(value.end);
    if (text[from] === ",") from = space(from + 1);
  }
  return { begin, end: from + 1, members: text[begin] === "{" ? members : undefined };
}

/** The text with the value at a path set to a JSON text, or taken out when that is empty. */
function written(text, path, json) {
  let node = parse(text, 0);
  for (let at = 0; at < path.length; at += 1) {
    if (!node.members) return null;
    const index = node.members.findLastIndex((member) => member.name === path[at]);
    const member = node.members[index];
    const last = at === path.length - 1;
    if (member && last) {
      if (json) return text.slice(0, member.value.begin) + json + text.slice(member.value.end);
      const next = node.members[index + 1];
      const before = node.members[index - 1];
      if (next) return text.slice(0, member.nameAt) + text.slice(next.nameAt);
      return text.slice(0, before ? before.value.end : node.begin + 1) + text.slice(before ? member.value.end : node.end - 1);
    }
    if (member && (member.value.members || !json)) {
      node = member.value;
      continue;
    }
    if (!json) return text;
    // What is missing on the way is made.
    const rest = path.slice(at + 1).reduceRight((inner, name) => `{ ${JSON.stringify(name)}: ${inner} }`, json);
    if (member) return text.slice(0, member.value.begin) + rest + text.slice(member.value.end);
    const own = text.slice(text.lastIndexOf("\n", node.begin) + 1, node.begin).match(/^\s*/)[0];
    const end = node.members.at(-1)?.value.end;
    const added = `\n${own}  ${JSON.stringify(path[at])}: ${rest}`;
    if (end) return `${text.slice(0, end)},${added}${text.slice(end)}`;
    return `${text.slice(0, node.begin)}{${added}\n${own}}${text.slice(node.end)}`;
  }
  return null;
}

document.addEventListener("change", (event) => {
  const field = event.target.closest("[data-path]");
  if (!field || field.validity.badInput) return;
  let json = field.value;
  try {
    if (field.dataset.kind === "text") json = field.value ? JSON.stringify(field.value) : "";
    else if (json.trim()) JSON.parse(json);
    field.setCustomValidity("");
    const path = ["component_parameters", "common", ...JSON.parse(field.dataset.path)];
    const conf = areas.conf.value.trim() ? areas.conf.value : "{}";
    JSON.parse(conf);
    const text = written(conf, path, json.trim());
    if (text !== null && text !== areas.conf.value) {
      areas.conf.value = text;
      field.closest(".knob")?.toggleAttribute("data-set", json !== "");
      changed(areas.conf);
    }
  } catch (error) {
    // No JSON, here or in the editor.
    field.setCustomValidity(String(error.message));
    field.reportValidity();
    check();
  }
});

/* What was typed outlives a reload: the browser keeps it until the window is closed. */

const slot = `parcae-draft:${location.pathname}${location.search}`;
const kept = document.getElementById("kept");
const given = { dsl: areas.dsl.value, conf: areas.conf.value };
let other = null;

function keep() {
  try {
    sessionStorage.setItem(slot, JSON.stringify({ dsl: areas.dsl.value, conf: areas.conf.value }));
  } catch {
    // There is no room, or the browser keeps nothing.
  }
}

function fill(draft) {
  for (const [name, area] of Object.entries(areas)) {
    area.value = draft[name];
    number(area);
  }
  check();
}

function note(word) {
  kept.hidden = false;
  for (const part of [document.getElementById("kept-words"), document.getElementById("kept-swap")]) {
    part.textContent = part.dataset[word];
  }
}

document.getElementById("kept-swap").addEventListener("click", () => {
  const now = { dsl: areas.dsl.value, conf: areas.conf.value };
  fill(other);
  other = now;
  keep();
  note("offered");
});

form.addEventListener("submit", (event) => {
  // What is submitted is offered when one comes back, and not put in place of what is there then.
  if (event.submitter?.hasAttribute("formaction")) {
    event.preventDefault();
    check();
    return;
  }
  try {
    const sent = { dsl: areas.dsl.value, conf: areas.conf.value, sent: true };
    sessionStorage.setItem(slot, JSON.stringify(sent));
  } catch {
    // As above.
  }
});

if (form.hasAttribute("data-typed")) keep();
else {
  let before = null;
  try {
    before = JSON.parse(sessionStorage.getItem(slot));
  } catch {
    // Nothing that we kept.
  }
  const differs = before && (before.dsl !== given.dsl || before.conf !== given.conf);
  if (differs && typeof before.dsl === "string" && typeof before.conf === "string") {
    other = before.sent ? before : given;
    if (!before.sent) fill(before);
    note(before.sent ? "offered" : "restored");
  }
}
