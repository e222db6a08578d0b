// The box beside the pointer. Those who cannot see it hear the same from the chart's live text.

import { element } from "../dom.js";

const MOST = 24;
const AWAY = 14;
let box = null;

/** Shows rows `{colour, name, text, strong}` under a heading, near a place of the window in pixels. */
export function showTooltip(left, top, heading, rows) {
  box ??= document.body.appendChild(element("div", { class: "tooltip", "aria-hidden": "true" }));
  const more = rows.length > MOST ? element("p", { class: "muted" }, `and ${rows.length - MOST} more`) : null;
  box.replaceChildren(element("p", { class: "tooltip-head" }, heading), ...rows.slice(0, MOST).map(row), more ?? "");
  box.hidden = false;
  place(left, top);
}

export function hideTooltip() {
  if (box) box.hidden = true;
}

function row({ colour, name, text, strong }) {
  return element(
    "div",
    { class: strong ? "tooltip-row strong" : "tooltip-row" },
    colour ? swatch(colour) : "",
    element("span", { class: "tooltip-name" }, name),
    element("span", { class: "tooltip-value" }, text),
  );
}

/** A series' colour as legends and tooltips show it. */
export function swatch(colour, dashed = false) {
  return element("span", { class: dashed ? "swatch dashed" : "swatch", style: { "--colour": colour } });
}

function place(left, top) {
  const { width, height } = box.getBoundingClientRect();
  const beside = left + AWAY + width > innerWidth ? left - AWAY - width : left + AWAY;
  const under = Math.min(top + AWAY, innerHeight - height - 4);
  box.style.setProperty("left", `${Math.max(4, beside) + scrollX}px`);
  box.style.setProperty("top", `${Math.max(4, under) + scrollY}px`);
}
