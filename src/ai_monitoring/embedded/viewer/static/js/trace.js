// Hides and shows what a span called. Without this script every span is shown.
const list = document.getElementById("waterfall");

function apply() {
  let hiddenBelow = Infinity;
  for (const row of list.children) {
    const depth = Number(row.dataset.depth);
    if (depth <= hiddenBelow) hiddenBelow = Infinity;
    row.hidden = depth > hiddenBelow;
    const button = row.querySelector(":scope > .toggle");
    if (!row.hidden && button?.getAttribute("aria-expanded") === "false") hiddenBelow = depth;
  }
}

function toggle(button, open) {
  button.setAttribute("aria-expanded", String(open));
  apply();
}

// The arrow keys go along the spans; left and right close and open one, as in a tree.
function move(event) {
  const row = event.target.closest(".span");
  if (!row || event.target.closest(".inside") || event.altKey || event.ctrlKey || event.metaKey) return;
  const rows = [...list.children].filter((one) => !one.hidden);
  const next = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const button = row.querySelector(":scope > .toggle");
  if (next) rows[rows.indexOf(row) + next]?.querySelector("summary").focus();
  else if (event.key === "ArrowLeft" && button) toggle(button, false);
  else if (event.key === "ArrowRight" && button) toggle(button, true);
  else return;
  event.preventDefault();
}

if (list) {
  for (const button of list.querySelectorAll(".toggle")) {
    button.hidden = false;
    button.addEventListener("click", () => toggle(button, button.getAttribute("aria-expanded") === "false"));
  }
  document.getElementById("keys").hidden = false;
  list.addEventListener("keydown", move);
}
