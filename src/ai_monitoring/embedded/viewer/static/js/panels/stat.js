// Numbers that are read from across the room.

import { graphic, ground, textColour } from "../colours.js";
import { areaPath, linePath } from "../chart/paths.js";
import { extent, linear } from "../chart/scale.js";
import { runs } from "../chart/stack.js";
import { element, svg } from "../dom.js";
import { parts } from "../units.js";
import { nameOf, valueText } from "./values.js";

export { has, rows } from "./values.js";

const GAP = 8;

export function draw(view) {
  const { values } = view.data;
  const options = view.panel.options ?? {};
  const columns = across(values.length, view.width, view.height, options.orientation);
  const lines = Math.ceil(values.length / columns);
  const room = { width: view.width / columns - GAP, height: Math.max(44, (view.height - GAP * (lines - 1)) / lines) };
  const tiles = values.map((one) => tile(one, options, room, values.length));
  const style = { "grid-template-columns": `repeat(${columns}, minmax(0, 1fr))`, "grid-auto-rows": `minmax(${Math.floor(room.height)}px, auto)` };
  view.element.replaceChildren(element("dl", { class: "stats", style }, tiles));
}

/** How many tiles stand beside each other: as near to three by two as the room allows. */
function across(count, width, height, orientation) {
  if (orientation === "horizontal") return 1;
  if (orientation === "vertical") return Math.max(1, Math.min(count, Math.floor(width / 90)));
  const full = (columns) => (count % columns ? 1 : 1.3); // a grid without holes reads better
  const fits = (columns) => full(columns) * Math.min(width / columns / 2.2, height / Math.ceil(count / columns));
  const choices = Array.from({ length: Math.min(count, Math.max(1, Math.floor(width / 88))) }, (_, at) => at + 1);
  return choices.reduce((best, columns) => (fits(columns) > fits(best) ? columns : best), 1);
}

function tile(one, { colorMode = "value", graphMode = "none", textMode = "auto" }, room, count) {
  const named = one.name && textMode !== "value" && (textMode !== "auto" || count > 1);
  const number = textMode === "name" ? null : figure(one, room, named);
  const spark = graphMode === "area" && one.spark?.length > 1 ? sparkline(one, room) : null;
  if (number && colorMode === "value") number.style.color = textColour(one.color);
  const node = element("div", { class: `stat ${colorMode.startsWith("background") && one.color ? "filled" : ""}` });
  if (one.color) {
    node.style.setProperty("--colour", graphic(one.color));
    node.style.setProperty("--ground", ground(one.color));
  }
  node.append(element("dt", { class: named ? "" : "visually-hidden" }, nameOf({ ...one, name: one.name || "Value" })), element("dd", {}, number ?? ""), spark ?? "");
  return node;
}

function figure(one, room, named) {
  const whole = valueText(one);
  const { prefix = "", text, suffix = "" } = one.text === null || one.text === undefined ? parts(one.value, one.unit, one.decimals) : { text: one.text };
  const size = Math.min(46, (room.height - (named ? 26 : 8)) * 0.62, ((room.width - 28) / Math.max(2, whole.length)) * 1.45);
  const style = { "font-size": `${Math.max(15, Math.round(size))}px` };
  return element("span", { class: "figure", style }, prefix + text, suffix ? element("span", { class: "unit" }, suffix) : "");
}

function sparkline({ spark, color }, { width, height }) {
  const tall = Math.max(14, height * 0.34);
  const [low, high] = extent(spark.map((point) => point[1]));
  const x = linear([spark[0][0], spark.at(-1)[0]], [0, width]);
  const y = linear([low, high], [tall - 1, 2]);
  const pieces = runs(spark.map(([time, value]) => [time, low, value]));
  const paint = graphic(color);
  return svg(
    "svg",
    { class: "spark", viewBox: `0 0 ${width} ${tall}`, height: tall, preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("path", { d: areaPath(pieces, x, y), style: { fill: paint, "fill-opacity": 0.18 } }),
    svg("path", { d: linePath(pieces, x, y), style: { fill: "none", stroke: paint, "stroke-width": "1.5px" } }),
  );
}
