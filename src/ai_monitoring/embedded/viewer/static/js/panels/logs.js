// The lines that a board's query found.

import { element } from "../dom.js";
import { renderLines } from "../logs.js";
import { isoTime } from "../time.js";

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

export function rows({ lines }) {
  const columns = ["Time", "Level", "Line", "Trace"].map((name) => ({ name, kind: "text", align: "left" }));
  const trace = ({ url, trace_id: id }) => ({ value: url ? id : "", links: url ? [{ title: "Trace", url }] : [] });
  return { columns, rows: lines.map((line) => [{ value: isoTime(Number(BigInt(line.time) / 1_000_000n)) }, { value: line.level }, { value: line.text }, trace(line)]) };
}
