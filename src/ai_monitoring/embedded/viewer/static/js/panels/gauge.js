// How far a value is on its way, on an arc with the thresholds beside it.

import { graphic } from "../colours.js";
import { ringPath } from "../chart/paths.js";
import { element, svg } from "../dom.js";
import { format } from "../units.js";
import { ends, nameOf, share, valueText } from "./values.js";

export { has, rows } from "./values.js";

const START = -2.1;
const TURN = 4.2;

export function draw(view) {
  const { values } = view.data;
  const columns = Math.max(1, Math.min(values.length, Math.floor(view.width / 130)));
  const height = Math.max(90, view.height / Math.ceil(values.length / columns) - 8);
  const dials = values.map((one) => dial(one, values, view.panel.options ?? {}, view.width / columns, height));
  view.element.replaceChildren(element("dl", { class: "gauges" }, dials));
}

function dial(one, all, options, width, height) {
  const named = Boolean(one.name) && all.length > 1;
  const tall = height - (named ? 24 : 4);
  const radius = Math.max(30, Math.min(width / 2 - 28, (tall - 10) / 1.55));
  const limits = ends(one, all);
  const picture = svg("svg", { width: 2 * radius + 68, height: radius * 1.52 + 12, viewBox: `${-radius - 34} ${-radius - 8} ${2 * radius + 68} ${radius * 1.52 + 12}`, "aria-hidden": "true" });
  picture.append(...arcs(one, limits, radius, options), figure(one, radius));
  if (options.showThresholdLabels !== false) picture.append(...labels(one, limits, radius));
  const name = element("dt", { class: named ? "" : "visually-hidden" }, nameOf({ ...one, name: one.name || "Value" }));
  return element("div", { class: "gauge" }, name, element("dd", {}, picture, element("span", { class: "visually-hidden" }, valueText(one))));
}

function arcs(one, limits, radius, options) {
  const inner = radius * 0.74;
  const until = START + TURN * share(one.value, limits);
  const nodes = [
    svg("path", { d: ringPath(0, 0, inner, radius - 5, START, START + TURN), class: "track" }),
    svg("path", { d: ringPath(0, 0, inner, radius - 5, START, until), style: { fill: graphic(one.color) } }),
  ];
  if (options.showThresholdMarkers === false) return nodes;
  const steps = one.thresholds ?? [];
  return nodes.concat(steps.map((step, at) => band(step, steps[at + 1], limits, radius)));
}

function band(step, next, limits, radius) {
  const from = START + TURN * share(step.value ?? limits[0], limits);
  const to = START + TURN * (next ? share(next.value, limits) : 1);
  const d = to > from ? ringPath(0, 0, radius - 3, radius, from, to) : "";
  return svg("path", { d, style: { fill: graphic(step.color) } });
}

function figure(one, radius) {
  const text = valueText(one);
  const size = Math.min(radius * 0.42, (radius * 2) / Math.max(3, text.length));
  return svg("text", { "text-anchor": "middle", y: size * 0.3, class: "dial", style: { "font-size": `${Math.round(size)}px` } }, text);
}

function labels(one, limits, radius) {
  const marks = (one.thresholds ?? []).filter(({ value }) => value !== null && value > limits[0] && value < limits[1]);
  return marks.map(({ value }) => {
    const angle = START + TURN * share(value, limits);
    const place = { x: (radius + 6) * Math.sin(angle), y: -(radius + 6) * Math.cos(angle) + 3 };
    return svg("text", { ...place, "text-anchor": Math.sin(angle) < -0.2 ? "end" : Math.sin(angle) > 0.2 ? "start" : "middle" }, format(value, one.unit));
  });
}
