// Parameters of a task and parts of a model: searching in a tree, and opening or closing all of it.

const words = (item) => item.textContent.toLowerCase();

/** Shows what has a text in it, with what is around it. */
function filter(tree, text) {
  for (const item of tree.querySelectorAll("li")) {
    const fits = words(item).includes(text);
    item.hidden = !fits;
    const details = item.querySelector(":scope > details");
    if (details && text && fits) details.open = true;
    // A branch that is named so is shown whole.
    const branch = item.parentElement.closest("li");
    const name = branch?.querySelector(":scope > details > summary > .key");
    if (!fits && name && words(name).includes(text) && !branch.hidden) item.hidden = false;
  }
}

document.addEventListener("input", (event) => {
  const id = event.target.dataset?.filter;
  const tree = id && document.getElementById(id);
  if (tree) filter(tree, event.target.value.trim().toLowerCase());
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fold]");
  const tree = button && document.getElementById(button.dataset.fold);
  if (!tree) return;
  for (const details of tree.querySelectorAll("details")) details.open = button.dataset.open === "yes";
});
