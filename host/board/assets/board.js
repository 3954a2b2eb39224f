// What every page does: live parts, questions before actions, keys, toasts. Pages work without it, except what moves.

/** A text for the user, which screen readers say, too. */
export function tell(words) {
  const told = document.getElementById("told");
  told.textContent = words;
  told.classList.add("shown");
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => told.classList.remove("shown"), 4000);
}

/** Asks yes or no in a dialog. */
export function ask(question) {
  const dialog = document.getElementById("ask");
  document.getElementById("ask-words").textContent = question;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true });
  });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const question = form.dataset.ask;
  if (!question || form.dataset.asked) return;
  event.preventDefault();
  if (!(await ask(question))) return;
  // The page may have been renewed meanwhile: a form that is not in it any more would not be sent.
  if (!form.isConnected) {
    form.hidden = true;
    document.body.append(form);
  }
  form.dataset.asked = "yes";
  form.requestSubmit(event.submitter);
  delete form.dataset.asked;
});

// What a page keeps for its user is not for who logs in next.
document.addEventListener("submit", (event) => {
  if (event.target.getAttribute("action") !== "/logout") return;
  try {
    sessionStorage.clear();
  } catch {
    // The browser keeps nothing.
  }
});

/* Live parts: elements with an id and data-live are replaced by those of the page as it is now. */

const LEAST_PAUSE = 700;
let asking = false;
let again = false;
let last = 0;

/** Fetches the page anew and puts its live parts in place; what the user opened or points at stays so. */
export async function renew() {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  const wait = last + LEAST_PAUSE - Date.now();
  if (wait > 0) await new Promise((done) => setTimeout(done, wait));
  last = Date.now();
  again = false;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    const isOut = answer.redirected && new URL(answer.url).pathname === "/login";
    if (isOut) logIn();
    else if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      // What goes away between the press of a button and its release is not clicked.
      for (let waited = 0; isPressed && waited < 40; waited += 1) await new Promise((done) => setTimeout(done, 50));
      swap(page);
    }
  } catch {
    // The node is away; the stream of news says when it is back.
  }
  asking = false;
  if (again) renew();
}

/** Nobody is logged in any more: the page to log in at leads back here. What somebody wrote is not thrown away for it. */
function logIn() {
  const isWritten = [...document.querySelectorAll("main textarea")].some(isFilled);
  if (isWritten) tell(document.getElementById("told").dataset.out);
  else location.reload();
}

/** Whether a field has something else in it than the page came with. */
function isFilled(field) {
  return field.value !== field.defaultValue || field.checked !== field.defaultChecked;
}

let isPressed = false;
addEventListener("pointerdown", () => (isPressed = true), true);
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(() => (isPressed = false)), true);

/* Parts in which somebody writes or marks a text stay as they are until that is over. */

let isLate = false;

function isBusy(part) {
  const focused = document.activeElement;
  const isWriting = part.contains(focused) && focused.matches("input:not([type=checkbox]), textarea, select");
  const marked = getSelection();
  return isWriting || (!marked.isCollapsed && marked.containsNode(part, true));
}

function catchUp() {
  if (!isLate || [...document.querySelectorAll("[data-live]")].some(isBusy)) return;
  isLate = false;
  renew();
}
document.addEventListener("focusout", () => setTimeout(catchUp, 300));
document.addEventListener("selectionchange", () => setTimeout(catchUp, 300));

function swap(page) {
  for (const now of document.querySelectorAll("[data-live]")) {
    const next = page.getElementById(now.id);
    if (!next || next.isEqualNode(now)) continue;
    if (isBusy(now)) {
      isLate = true;
      continue;
    }
    const focused = now.contains(document.activeElement) ? document.activeElement : null;
    const filled = [...now.querySelectorAll("input[id]:not([type=file]), textarea[id]")].filter(isFilled);
    const open = [...now.querySelectorAll("details[open][id]")].map((details) => details.id);
    const scrolled = [...now.querySelectorAll(".scroll")].map((part) => [part.scrollLeft, part.scrollTop]);
    const put = document.importNode(next, true);
    now.replaceWith(put);
    [...put.querySelectorAll(".scroll")].forEach((part, at) => part.scrollTo(...(scrolled[at] ?? [0, 0])));
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    for (const field of filled) {
      const same = document.getElementById(field.id);
      if (same) [same.checked, same.value] = [field.checked, field.value];
    }
    if (focused?.id) document.getElementById(focused.id)?.focus({ preventScroll: true });
    else if (focused?.getAttribute("href")) {
      const link = [...put.querySelectorAll("a")].find((a) => a.getAttribute("href") === focused.getAttribute("href"));
      link?.focus({ preventScroll: true });
    }
    put.dispatchEvent(new CustomEvent("renewed", { bubbles: true }));
  }
  if (page.title) document.title = page.title;
}

const from = document.body.dataset.liveFrom;
let news = null;

function listen() {
  if (!from || news || document.hidden) return;
  news = new EventSource(from);
  news.addEventListener("changed", () => renew());
  // Something may have been missed: in a break, and between the making of the page and now.
  news.addEventListener("open", () => {
    renew();
    document.documentElement.dataset.live = "on";
  });
  news.addEventListener("error", () => {
    document.documentElement.dataset.live = "off";
    // A node that does not let us in any more, or that sent an error: the browser gives up, we do not.
    if (news && news.readyState === EventSource.CLOSED) {
      news = null;
      setTimeout(() => {
        renew();
        listen();
      }, 5000);
    }
  });
}

// A browser has few connections to one node: pages that nobody sees give theirs back.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    news?.close();
    news = null;
  } else listen();
});
addEventListener("pagehide", () => {
  news?.close();
  news = null;
});
addEventListener("pageshow", listen);
listen();

/* Times that run: data-since is when, ms since the epoch; data-now is the node's clock when the page was made. */

const ahead = Date.now() - Number(document.querySelector("[data-now]")?.dataset.now || Date.now());

/** A duration in ms, as the node writes it. */
export function duration(ms) {
  const two = (n) => String(Math.floor(n)).padStart(2, "0");
  const s = Math.max(0, ms) / 1000;
  if (s < 60) return `${s.toFixed(1)} s`;
  if (s < 3600) return `${Math.floor(s / 60)}:${two(s % 60)}`;
  return `${Math.floor(s / 3600)}:${two((s % 3600) / 60)}:${two(s % 60)}`;
}

setInterval(() => {
  for (const running of document.querySelectorAll("[data-since]")) {
    running.textContent = duration(Date.now() - ahead - Number(running.dataset.since));
  }
}, 1000);

/* Keys. */

const go = { r: "/running", j: "/jobs", s: "/submit", t: "/tables", m: "/models", c: "/components" };
let began = "";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const key = event.key;
  if (began === "g" && go[key]) {
    began = "";
    location.assign(go[key]);
    return;
  }
  began = key === "g" ? "g" : "";
  if (key === "?") document.getElementById("keys").showModal();
  else if (key === "/") {
    const search = document.querySelector("[data-search]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select?.();
    }
  } else if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
  else if (key === "[") document.querySelector("[rel=prev]")?.click();
  else if (key === "]") document.querySelector("[rel=next]")?.click();
  else if (key === "t") {
    const choices = [...document.querySelectorAll("button[name=theme]")];
    const at = choices.findIndex((choice) => choice.getAttribute("aria-pressed") === "true");
    choices[(at + 1) % choices.length]?.click();
  }
});

function step(by) {
  const links = [...document.querySelectorAll("[data-row]")];
  if (links.length === 0) return;
  const at = links.indexOf(document.activeElement);
  links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + by))].focus();
}

// The menu closes when one clicks elsewhere, or leaves it by Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.settings[open], details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.settings[open], details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});

/** Copies a text; whether that went well. At addresses that are not secure, browsers copy only what is selected. */
async function copied(text) {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "unseen";
  document.body.append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  return isDone;
}

// On a phone the navigation is wider than the window: the entry of this page is in sight.
const nav = document.querySelector(".top nav");
const entry = nav?.querySelector("[aria-current]");
if (entry) nav.scrollLeft = entry.offsetLeft - nav.offsetLeft - (nav.clientWidth - entry.offsetWidth) / 2;

// Buttons that copy a text.
document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (!copy) return;
  const isDone = await copied(copy.dataset.copy);
  copy.focus({ preventScroll: true });
  tell(isDone ? copy.dataset.copied || "✓" : copy.dataset.copy);
});
