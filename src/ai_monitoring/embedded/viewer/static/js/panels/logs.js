// The lines that a board's query found.

import { element } from "../dom.js";
import { renderLines } from "../logs.js";

export function draw(view) {
  let holder = view.element.querySelector(":scope > .lines-scroll");
  if (!holder) {
    holder = element("div", { class: "lines-scroll", tabindex: "0", role: "region", "aria-label": `Lines: ${view.panel.title}`, "data-key": "lines" });
    view.element.replaceChildren(holder);
  }
  renderLines(holder, view.data.lines, view.panel.options ?? {});
}

export function has(data) {
  return data.lines?.length > 0;
}
