// Uploading with script: a look at the first rows before, and how far the upload is. Without it the form is sent as it is.

const form = document.getElementById("upload");
const file = document.getElementById("file");
const LOOKED_AT = 64 * 1024;
const touched = new Set();

/* The first rows. */

let asking = null;

async function preview() {
  asking?.abort();
  const place = document.getElementById("preview");
  const chosen = file.files?.[0];
  if (!chosen) {
    place.replaceChildren();
    return;
  }
  const query = new URLSearchParams();
  if (touched.has("delimiter") || touched.has("other")) {
    query.set("delimiter", form.elements.delimiter.value);
    query.set("other", form.elements.other.value);
  }
  if (touched.has("head")) query.set("head", form.elements.head.checked ? "1" : "0");
  if (form.elements.keys.checked) query.set("keys", "1");
  if (chosen.size <= LOOKED_AT) query.set("whole", "1");
  const mine = (asking = new AbortController());
  try {
    const body = chosen.slice(0, LOOKED_AT);
    const answer = await fetch(`/upload/preview?${query}`, { method: "POST", body, signal: mine.signal });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const shown = page.querySelector(".first-rows");
    if (shown) show(place, document.importNode(shown, true));
  } catch {
    // The file cannot be read any more, or the node is away: the upload will say so.
  }
}

/** Shows it; what was guessed is ticked, unless the user has said something else. */
function show(place, shown) {
  place.replaceChildren(shown);
  if (!touched.has("delimiter")) form.elements.delimiter.value = shown.dataset.delimiter;
  if (!touched.has("head")) form.elements.head.checked = shown.dataset.head === "true";
  const names = form.elements.head.checked ? [...shown.querySelectorAll("thead th")].slice(1) : [];
  const options = names.map((name) => {
    const option = document.createElement("option");
    option.value = name.textContent;
    return option;
  });
  document.getElementById("columns").replaceChildren(...options);
}

/** A name for the table out of that of the file. */
function suggest() {
  const name = form.elements.namedItem("name");
  const chosen = file.files?.[0];
  if (!chosen || touched.has("name") || name.defaultValue) return;
  name.value = chosen.name.replace(/\.[^.]*$/, "").replace(/[^\p{L}\p{N}_-]+/gu, "_");
}

form.addEventListener("input", (event) => touched.add(event.target.name));
form.addEventListener("change", (event) => {
  if (event.target === file) {
    touched.delete("file");
    suggest();
  }
  if (["file", "delimiter", "other", "head", "keys"].includes(event.target.name)) preview();
});

/* A file that is dropped. */

const drop = document.getElementById("drop");
document.getElementById("drop-hint").hidden = false;
for (const name of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", name === "dragover");
    if (name !== "drop" || !event.dataTransfer.files.length) return;
    file.files = event.dataTransfer.files;
    suggest();
    preview();
  });
}

/* Sending, with how far it is. */

const bar = document.getElementById("upload-progress");
const state = document.getElementById("upload-state");
const cancel = document.getElementById("upload-cancel");
const send = form.querySelector("button[type=submit]");
let sending = null;

function busy(is) {
  bar.hidden = cancel.hidden = !is;
  send.disabled = is;
  if (!is) sending = null;
}

function size(bytes) {
  return bytes < 1 << 20 ? `${(bytes / 1024).toFixed(0)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}

function refuse(words) {
  const place = document.getElementById("upload-refusal");
  const told = document.createElement("p");
  told.className = "error";
  told.textContent = words;
  place.replaceChildren(told);
  place.scrollIntoView({ block: "nearest" });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (sending) return;
  document.getElementById("upload-refusal").replaceChildren();
  const request = (sending = new XMLHttpRequest());
  busy(true);
  request.upload.addEventListener("progress", (moved) => {
    if (!moved.lengthComputable) return;
    bar.value = (100 * moved.loaded) / moved.total;
    const done = moved.loaded === moved.total;
    state.textContent = done ? state.dataset.done : `${size(moved.loaded)} / ${size(moved.total)}`;
  });
  request.addEventListener("load", () => {
    const at = new URL(request.responseURL || location.href);
    // A good upload leads to the page of its job.
    if (request.status < 400 && at.pathname !== "/upload") {
      location.assign(at.href);
      return;
    }
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const words = page.querySelector("#upload-refusal .error, p.error");
    refuse(words?.textContent || `HTTP ${request.status}`);
    state.textContent = "";
    busy(false);
  });
  request.addEventListener("error", () => {
    refuse(state.dataset.broken);
    state.textContent = "";
    busy(false);
  });
  request.addEventListener("abort", () => {
    state.textContent = state.dataset.canceled;
    busy(false);
  });
  request.open("POST", form.getAttribute("action"));
  request.setRequestHeader("Accept", "text/html");
  request.send(new FormData(form));
});

cancel.addEventListener("click", () => sending?.abort());

// One who comes back, and whose browser still has the file.
preview();
