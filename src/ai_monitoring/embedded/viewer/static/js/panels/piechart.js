// Parts of a whole.

import { graphic } from "../colours.js";
import { ringPath } from "../chart/paths.js";
import { hideTooltip, showTooltip, swatch } from "../chart/tooltip.js";
import { element, svg } from "../dom.js";
import { fixed } from "../units.js";
import { nameOf, valueText } from "./values.js";

export { has, rows } from "./values.js";

export function draw(view) {
  const parts = slices(view.data.values);
  const options = view.panel.options ?? {};
  const beside = view.width > view.height * 1.5;
  const size = Math.max(80, Math.min(view.height - (beside ? 4 : 70), beside ? view.width * 0.45 : view.width) - 8);
  const pie = svg("svg", { class: "pie", width: size, height: size, viewBox: "-100 -100 200 200", "aria-hidden": "true" });
  pie.append(...parts.map((part) => slice(part, options.pieType === "donut" ? 58 : 0)));
  view.element.replaceChildren(element("div", { class: beside ? "pie-panel beside" : "pie-panel" }, pie, list(parts)));
}

function slices(values) {
  const total = values.reduce((sum, { value }) => sum + Math.max(0, value ?? 0), 0);
  let angle = 0;
  return values.map((one, at) => {
    const part = total ? Math.max(0, one.value ?? 0) / total : 0;
    const start = angle;
    angle += part * 2 * Math.PI;
    return { one, part, start, end: angle, paint: graphic(one.color, at) };
  });
}

function slice(part, inner) {
  const node = svg("path", { d: ringPath(0, 0, inner, 97, part.start, part.end), class: "slice", style: { fill: part.paint } });
  const { one } = part;
  node.addEventListener("pointermove", (event) => {
    const row = { colour: part.paint, name: percent(part), text: valueText(one) };
    showTooltip(event.clientX, event.clientY, one.name || "Value", [row]);
  });
  node.addEventListener("pointerleave", hideTooltip);
  return node;
}

function percent({ part }) {
  return `${fixed(part * 100, part > 0 && part < 0.1 ? 1 : 0)}%`;
}

function list(parts) {
  const rows = parts.map((part) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, swatch(part.paint), nameOf({ ...part.one, name: part.one.name || "Value" })),
      element("td", { class: "number" }, valueText(part.one)),
      element("td", { class: "number" }, percent(part)),
    ),
  );
  const head = ["Name", "Value", "Share"].map((name, at) => element("th", { scope: "col", class: at ? "number" : "" }, name));
  const table = element("table", {}, element("thead", {}, element("tr", {}, head)), element("tbody", {}, rows));
  return element("div", { class: "legend scroll", tabindex: "0", role: "region", "aria-label": "Parts" }, table);
}
