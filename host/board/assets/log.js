// The viewer of a log: any line of millions at once, new ones as they come, searching without leaving the page. Without it
// the page has some lines, and links to the others. What lines are and where something is in them the node says.

const log = document.getElementById("log");
const box = log?.querySelector(".log-box");
const list = box?.querySelector(".log-lines");
const words = log ? JSON.parse(log.dataset.words) : {};

/* Lines by their numbers: those near to what is shown are kept, some together. */

const SIZE = 200;
const KEPT = 40;
const pages = new Map();
const loading = new Set();
let total = Number(log?.dataset.total ?? 0);
let find = { text: "", withCase: false, isRegex: false };

const level = log?.dataset.level ?? "";
const pageOf = (number) => Math.floor((number - 1) / SIZE);

/** Fields of an address: which log, what is searched for, and others. */
function query(more) {
  const fields = new URLSearchParams({ level, ...more });
  if (find.text) {
    fields.set("q", find.text);
    if (find.withCase) fields.set("case", "1");
    if (find.isRegex) fields.set("re", "1");
  }
  return fields.toString();
}

async function asked(path, fields) {
  const answer = await fetch(`${log.dataset.url}/${path}?${query(fields)}`, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function load(page) {
  if (loading.has(page)) return;
  loading.add(page);
  const sought = find;
  try {
    let part = { from: page * SIZE + 1, lines: [], more: {}, marks: {} };
    const got = await asked("lines", { from: part.from, to: part.from + SIZE - 1 });
    if (sought !== find) return;
    if (got.from === part.from) part = got;
    // A log that has become shorter has no such lines any more.
    total = got.lines.length > 0 ? Math.max(total, got.total) : Math.min(total, got.total);
    pages.delete(page);
    pages.set(page, part);
    while (pages.size > KEPT) pages.delete(pages.keys().next().value);
  } finally {
    loading.delete(page);
  }
}

/** A line that is here; else it is asked for, and drawn when it has come. */
function lineAt(number) {
  const page = pages.get(pageOf(number));
  const text = page?.lines[number - page.from];
  if (text === undefined) return null;
  return { text, more: page.more[number] ?? 0, marks: page.marks[number] ?? [] };
}

let soon = 0;
/** Asks for the lines that are shown and not here, once nobody scrolls past them any more. */
function want() {
  clearTimeout(soon);
  soon = setTimeout(async () => {
    const missing = new Set([...rows.keys()].filter((number) => !lineAt(number)).map(pageOf));
    if (missing.size === 0) return;
    try {
      await Promise.all([...missing].map(load));
      // They may be higher than the room that was left for them.
      if (isPinned) showEnd();
      else draw();
    } catch (error) {
      if (error.message === "400") refused(error);
      else {
        say(words.away);
        setTimeout(want, 3000);
      }
    }
  }, 30);
}

/* What is shown: a line at the top, of which some pixels are scrolled away, and those below it until the box is full. */

const AROUND = 20;
const FURTHEST = 3000;
const TALLEST = 6_000_000;
const rows = new Map();
let space, view;
let height = 20;
let top_ = 1;
let off = 0;
let focus = 0;
let expected = 0;
let isPinned = false;
let isWrapped = false;
let least = "";

function row(number) {
  const item = document.createElement("li");
  item.id = `L${number}`;
  const line = lineAt(number);
  item.className = `line level-${line ? levelOf(line.text) : "waiting"}`;
  item.classList.toggle("here", number === focus);
  const link = document.createElement("a");
  link.className = "number";
  link.href = `?${query({ line: number })}#L${number}`;
  link.textContent = number;
  const sign = document.createElement("span");
  sign.className = "level";
  sign.setAttribute("aria-hidden", "true");
  sign.textContent = { debug: "·", info: "i", warning: "!", error: "✕" }[line && levelOf(line.text)] ?? "";
  const text = document.createElement("span");
  text.className = "text";
  if (line) mark(text, line);
  else text.textContent = "…";
  item.append(link, sign, text);
  if (line?.more) {
    const more = document.createElement("a");
    more.className = "more";
    more.href = `?${new URLSearchParams({ level, lines: 1, line: number })}`;
    more.textContent = `… ${line.more} B ${words.more}`;
    item.append(more);
  }
  item.dataset.has = line ? "yes" : "no";
  return item;
}

function levelOf(text) {
  return /^\[(DEBUG|INFO|WARNING|ERROR)\] \[/.exec(text)?.[1].toLowerCase() ?? "plain";
}

function mark(into, { text, marks }) {
  let at = 0;
  for (const [begin, end] of marks) {
    const hit = document.createElement("mark");
    hit.textContent = text.slice(begin, end);
    into.append(text.slice(at, begin), hit);
    at = end;
  }
  into.append(text.slice(at));
}

/** Makes the rows of some lines, and drops those of others. */
function fill(begin, end) {
  for (const [number, item] of rows) {
    const isStale = item.dataset.has === "no" && lineAt(number);
    if (number < begin || number > end || isStale) {
      item.remove();
      rows.delete(number);
    }
  }
  let before = list.firstElementChild;
  for (let number = begin; number <= end; number++) {
    let item = rows.get(number);
    if (item) before = item.nextElementSibling;
    else {
      item = row(number);
      list.insertBefore(item, before);
      rows.set(number, item);
    }
  }
}

const heightOf = (number) => rows.get(number)?.offsetHeight ?? height;

/** Brings the pixels that are scrolled away back to less than a line. */
function settle() {
  top_ = Math.min(Math.max(1, top_), Math.max(1, total));
  while (off < 0 && top_ > 1) off += heightOf(--top_);
  while (top_ < total && off >= heightOf(top_)) off -= heightOf(top_++);
  if (off < 0) off = 0;
}

function draw() {
  if (!view) return;
  isPinned = false;
  const room = box.clientHeight;
  view.style.height = `${room}px`;
  space.style.height = `${Math.max(room, Math.min(total * height, TALLEST))}px`;
  for (let round = 0; round < 4; round++) {
    settle();
    let end = Math.min(total, top_ + Math.ceil(room / height) + AROUND);
    let begin = Math.max(1, top_ - AROUND - Math.ceil(room / height));
    fill(begin, end);
    // Lines that are not shown take no room: others take their place.
    while (end < total && end - top_ < FURTHEST && bottom() < room) {
      end = Math.min(total, end + SIZE);
      fill(begin, end);
    }
    while (end === total && begin > 1 && total - begin < FURTHEST && list.offsetHeight < room) {
      begin = Math.max(1, begin - SIZE);
      fill(begin, end);
    }
    list.style.transform = `translateY(${-above() - off}px)`;
    const left = end === total ? room - bottom() : 0;
    if (left <= 0 || (top_ === 1 && off === 0)) break;
    off -= left;
  }
  log.classList.toggle("all-hidden", total > 0 && least !== "" && list.offsetHeight === 0);
  want();
}

/** Pixels of the rows above the one at the top. */
function above() {
  for (let number = top_; rows.has(number); number++) {
    if (rows.get(number).offsetHeight > 0) return rows.get(number).offsetTop;
  }
  return list.offsetHeight;
}

/** Pixels from the top of the box to the end of the last row. */
const bottom = () => list.offsetHeight - above() - off;

const isExact = () => !isWrapped && least === "" && total * height <= TALLEST;
const isAtEnd = () => rows.has(total) && bottom() <= box.clientHeight + 2;

/** Puts the bar where what is shown is. */
function sync() {
  const [room, far] = [box.clientHeight, space.offsetHeight - box.clientHeight];
  const lines = top_ - 1 + off / height;
  const all = Math.max(1, total - room / height);
  box.scrollTop = isExact() ? lines * height : Math.min(1, lines / all) * far;
  expected = box.scrollTop;
}

function showEnd() {
  [top_, off] = [Math.max(1, total), 0];
  draw();
  sync();
  isPinned = true;
}

function showLine(number) {
  setFollowing(false);
  focus = Math.min(Math.max(1, number), Math.max(1, total));
  [top_, off] = [focus, -Math.floor(box.clientHeight / 3)];
  for (const [at, item] of rows) item.classList.toggle("here", at === focus);
  draw();
  sync();
}

function move(pixels) {
  off += pixels;
  draw();
  sync();
  setFollowing(isAtEnd());
}

/** The address of a line becomes the one of the page. */
function note(number) {
  history.replaceState(null, "", `?${query({ line: number })}#L${number}`);
  const hidden = log.querySelector(".log-find [name=from]");
  if (hidden) hidden.value = number;
  log.querySelector("#log-line").value = number;
}

/* A finger moves lines, however many there are; the bar is put right when it has come to rest. */
let isTouched = false;
let rest = 0;

function touched() {
  clearTimeout(rest);
  isTouched = true;
}

function released() {
  rest = setTimeout(() => {
    isTouched = false;
    sync();
  }, 1500);
}

function scrolled() {
  const by = box.scrollTop - expected;
  if (Math.abs(by) < 1) return;
  expected = box.scrollTop;
  if (isExact()) [top_, off] = [Math.floor(expected / height) + 1, expected % height];
  else if (isTouched) off += by;
  else {
    const lines = (expected / Math.max(1, space.offsetHeight - box.clientHeight)) * (total - box.clientHeight / height);
    [top_, off] = [Math.floor(Math.max(0, lines)) + 1, (Math.max(0, lines) % 1) * height];
  }
  draw();
  setFollowing(isAtEnd());
}

function wheel(event) {
  if (isExact() || event.ctrlKey || event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
  event.preventDefault();
  move(event.deltaY * [1, height, box.clientHeight][event.deltaMode]);
}

function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target !== box) return;
  const page = box.clientHeight - height;
  const by = { ArrowUp: -height, ArrowDown: height, PageUp: -page, PageDown: page, " ": page }[event.key];
  if (by) move(event.key === " " && event.shiftKey ? -by : by);
  else if (event.key === "End") showEnd();
  else if (event.key === "Home") {
    [top_, off] = [1, 0];
    draw();
    sync();
  } else return;
  event.preventDefault();
  setFollowing(isAtEnd());
}

/* New lines as they come. */

let stream = null;
let isRunning = log ? "running" in log.dataset : false;
let isFollowing = false;
const follow = document.getElementById("log-follow");

function setFollowing(is) {
  isFollowing = is && isRunning;
  follow.setAttribute("aria-pressed", String(isFollowing));
}

function listen() {
  if (stream || !isRunning || document.hidden) return;
  const own = new EventSource(`${log.dataset.url}/stream?${new URLSearchParams({ level, from: total + 1 })}`);
  stream = own;
  own.addEventListener("lines", (event) => take(JSON.parse(event.data)));
  own.addEventListener("counts", (event) => counted(JSON.parse(event.data)));
  own.addEventListener("again", () => {
    total = 0;
    forget();
  });
  own.addEventListener("end", () => {
    hang();
    [isRunning, follow.hidden] = [false, true];
    setFollowing(false);
    say(words.ended);
  });
  own.addEventListener("error", () => {
    // The browser tries again on its own, unless it was refused.
    if (own.readyState !== EventSource.CLOSED || stream !== own) return;
    stream = null;
    setTimeout(listen, 5000);
  });
}

function hang() {
  stream?.close();
  stream = null;
}

/** Lines that were sent. With marks they are asked for when they are to be shown. */
function take(part) {
  total = Math.max(total, part.total);
  log.querySelector(".nothing")?.remove();
  part.lines.forEach((text, at) => {
    const number = part.from + at;
    const page = pageOf(number);
    if (!pages.has(page) && (number - 1) % SIZE === 0) {
      pages.set(page, { from: number, lines: [], more: {}, marks: {} });
    }
    const known = pages.get(page);
    if (find.text) pages.delete(page);
    else if (known?.lines.length === number - known?.from) {
      known.lines.push(text);
      if (part.more[number]) known.more[number] = part.more[number];
    }
  });
  while (pages.size > KEPT) pages.delete(pages.keys().next().value);
  if (isFollowing) showEnd();
  else {
    draw();
    sync();
  }
}

const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u2009");

function counted(counts) {
  for (const [word, lines] of Object.entries(counts)) {
    const amount = document.querySelector(`[data-count="${word}"]`);
    if (amount) {
      amount.textContent = grouped(lines);
      amount.classList.toggle("none", lines === 0);
    }
  }
}

/** Nothing is known of the lines any more. */
function forget() {
  pages.clear();
  for (const item of rows.values()) item.remove();
  rows.clear();
  draw();
}

/* Searching. */

const form = log?.querySelector(".log-find");
const input = document.getElementById("log-q");
const said = document.getElementById("log-count");
const MOST = 10_000;
let hits = [];
let isAll = false;
let search = 0;

/** Begins to search for what stands in the form; true when that is something else than before. */
function begin() {
  const next = { text: input.value, withCase: form.elements.case.checked, isRegex: form.elements.re.checked };
  if (["text", "withCase", "isRegex"].every((name) => next[name] === find[name])) return false;
  [find, hits, isAll] = [next, [], false];
  search++;
  said.textContent = "";
  forget();
  if (find.text) count();
  return true;
}

/** Counts the lines that have it, up to a bound. */
async function count() {
  const own = search;
  let from = 1;
  try {
    while (from && hits.length < MOST) {
      const found = await asked("search", { from, most: MOST - hits.length });
      if (own !== search) return;
      hits = hits.concat(found.lines);
      from = found.go_on;
      isAll = !from;
      tally(isAll ? "" : ` · ${words.upTo} ${grouped(from)}`);
    }
  } catch (error) {
    if (own === search) refused(error);
  }
}

/** Why nothing was found. What cannot be searched for is forgotten: lines cannot be asked for with it, either. */
function refused(error) {
  said.textContent = error.message === "400" ? words.refused : words.away;
  if (error.message !== "400" || !find.text) return;
  [find, hits, isAll] = [{ text: "", withCase: false, isRegex: false }, [], false];
  search++;
  forget();
}

function tally(more = "") {
  const at = hits.indexOf(focus);
  const all = `${grouped(hits.length)}${isAll ? "" : "+"} ${words.matches}`;
  if (isAll && hits.length === 0) said.textContent = words.none;
  else said.textContent = (at >= 0 ? `${grouped(at + 1)} ${words.of} ${all}` : all) + more;
}

/** Goes to the next line that has it, and from the end to the beginning. */
async function step(forward) {
  if (!find.text) return;
  const own = ++step.last;
  const sought = search;
  let from = focus ? focus + (forward ? 1 : -1) : top_;
  for (let rounds = 0, isRound = false; rounds < 1000; rounds++) {
    if (from < 1 || from > total) from = forward ? 1 : total;
    const found = await asked("search", { from, dir: forward ? "next" : "prev", most: 1 });
    if (own !== step.last || sought !== search) return;
    if (found.lines.length > 0) {
      showLine(found.lines[0]);
      note(focus);
      tally();
      return;
    }
    if (found.go_on) {
      said.textContent = `${words.searching} ${words.upTo} ${grouped(found.go_on)}`;
      from = found.go_on;
    } else if (isRound) break;
    else {
      isRound = true;
      from = forward ? 1 : total;
    }
  }
  said.textContent = words.none;
}
step.last = 0;

function seek(forward) {
  step(forward).catch(refused);
}

/* What users do. */

function say(text) {
  const told = document.getElementById("told");
  told.textContent = text;
  told.classList.add("shown");
  clearTimeout(say.timer);
  say.timer = setTimeout(() => told.classList.remove("shown"), 4000);
}

async function clicked(event) {
  const link = event.target.closest(".number");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  setFollowing(false);
  focus = Number(link.textContent);
  for (const [at, item] of rows) item.classList.toggle("here", at === focus);
  note(focus);
  // Only pages of secure addresses have a clipboard; the address bar has the link in any case.
  const isCopied = await navigator.clipboard?.writeText(location.href).then(
    () => true,
    () => false,
  );
  if (isCopied) say(words.copied);
}

function shortcuts(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, dialog")) return;
  if (event.key === "f" && isRunning) follow.click();
  else if (event.key === "n" || event.key === "N") seek(event.key === "n");
}

/** As the user wanted it last; on a phone lines are wrapped until one says otherwise. */
function wasWrapped() {
  const narrow = matchMedia("(max-width: 720px)").matches;
  try {
    return (localStorage.getItem("parcae-log-wrap") ?? (narrow ? "yes" : "")) === "yes";
  } catch {
    return narrow;
  }
}

function wrapClicked() {
  setWrapped(!isWrapped);
  try {
    localStorage.setItem("parcae-log-wrap", isWrapped ? "yes" : "");
  } catch {
    // It is forgotten then.
  }
}

function setWrapped(is) {
  isWrapped = is;
  list.classList.toggle("wrapped", is);
  document.getElementById("log-wrap").setAttribute("aria-pressed", String(is));
  draw();
  sync();
}

function watch() {
  box.addEventListener("scroll", scrolled, { passive: true });
  box.addEventListener("wheel", wheel, { passive: false });
  box.addEventListener("keydown", keys);
  box.addEventListener("touchstart", touched, { passive: true });
  box.addEventListener("touchend", released);
  box.addEventListener("touchcancel", released);
  list.addEventListener("click", clicked);
  document.addEventListener("keydown", shortcuts);
  follow.addEventListener("click", () => {
    setFollowing(!isFollowing);
    if (isFollowing) showEnd();
  });
  document.getElementById("log-wrap").addEventListener("click", wrapClicked);
  document.getElementById("log-least").addEventListener("change", (event) => {
    least = list.dataset.least = event.target.value;
    draw();
    sync();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    begin();
    seek(event.submitter?.value !== "prev");
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.shiftKey) return;
    event.preventDefault();
    begin();
    seek(false);
  });
  input.addEventListener("input", () => input.value === "" && begin());
  // Another number takes the place of the one that stands there.
  document.getElementById("log-line").addEventListener("focus", (event) => event.target.select());
  log.querySelector(".log-jump").addEventListener("submit", (event) => {
    event.preventDefault();
    showLine(Number(document.getElementById("log-line").value));
    note(focus);
    document.getElementById("log-line").select();
  });
  addEventListener("hashchange", () => {
    const number = Number(/^#L(\d+)$/.exec(location.hash)?.[1]);
    if (number) showLine(number);
  });
  document.addEventListener("visibilitychange", () => (document.hidden ? hang() : listen()));
  addEventListener("pagehide", hang);
  addEventListener("pageshow", listen);
  new ResizeObserver(() => {
    draw();
    if (isFollowing) showEnd();
  }).observe(box);
}

/** Makes the viewer of the lines that came with the page, once as many are here as it shows at first. */
async function start() {
  find = { text: input.value, withCase: form.elements.case.checked, isRegex: form.elements.re.checked };
  focus = Number(log.dataset.focus ?? /^#L(\d+)$/.exec(location.hash)?.[1] ?? 0);
  if (total > 0) {
    const at = pageOf(focus ? Math.min(focus, total) : total);
    await Promise.all([at - 1, at].filter((page) => page >= 0).map(load));
  }
  space = document.createElement("div");
  space.className = "log-space";
  view = document.createElement("div");
  view.className = "log-view";
  list.replaceChildren();
  box.append(space);
  space.append(view);
  view.append(list);
  log.classList.add("scripted");
  for (const part of log.querySelectorAll("[data-scripted]")) part.hidden = false;
  follow.hidden = !isRunning;
  view.dataset.none = words.hidden;
  if (total > 0) {
    fill(1, 1);
    height = rows.get(1).getBoundingClientRect().height || height;
  }
  watch();
  setWrapped(wasWrapped());
  if (focus) showLine(focus);
  else {
    showEnd();
    setFollowing(true);
  }
  if (find.text) count();
  listen();
}

if (box) start().catch(() => say(words.away));
