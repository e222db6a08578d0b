// The picture of a time series panel: what is drawn where. It knows nothing of pointers and keys.

import { svg } from "../dom.js";
import { graphic } from "../colours.js";
import { format } from "../units.js";
import { marked } from "./marks.js";
import { areaPath, barPath, linePath, pointPath } from "./paths.js";
import { domain, linear, ticks, timeTicks } from "./scale.js";
import { runs, stacked } from "./stack.js";

const BINARY = /^(bits|[kmgtp]?bytes|binBps|binbps)$/;
const LETTER = 6.3;
const BOTTOM = 20;
const TOP = 8;
const SIDE = 10;
const CROWD = 14;

/** Places of everything in `width` by `height` pixels: `{plot: {left, top, width, height}, x, axes, shapes}`. */
export function layout(series, data, width, height) {
  const shapes = stacked(series).map((points, at) => ({ series: series[at], points }));
  const inner = Math.max(10, height - TOP - BOTTOM);
  const axes = ["left", "right"].map((side) => axis(shapes, side, inner)).filter((one) => one !== null);
  const margin = (side) => axes.find((one) => one.side === side)?.width ?? SIDE;
  const plot = { left: margin("left"), top: TOP, width: Math.max(10, width - margin("left") - margin("right")), height: inner };
  // A count over a step that is under way stands at the step's end.
  const to = Math.max(data.to, ...series.map(({ points }) => points.at(-1)?.[0] ?? 0));
  return { plot, axes, shapes, x: linear([data.from, to], [0, plot.width]), from: data.from, to, near: (data.step ?? 0) / 2 };
}

function axis(shapes, side, height) {
  const own = shapes.filter(({ series }) => (series.style.axis === "right" ? "right" : "left") === side);
  if (!own.length) return null;
  const percent = own.some(({ series }) => series.style.stack_mode === "percent");
  const unit = percent ? "percentunit" : own[0].series.unit;
  const span = domain(own.flatMap(({ points }) => points.flatMap(([, low, high]) => (low ? [low, high] : [high]))), {
    min: end(own, "min", Math.min),
    max: end(own, "max", Math.max) ?? (percent ? 1 : null),
    zero: own.some(({ series }) => series.style.draw === "bars" || series.style.stack || series.style.fill > 30),
  });
  const marks = labelled(ticks(span, Math.max(2, Math.floor(height / 38)), BINARY.test(unit) ? 1024 : 10), unit);
  const longest = Math.max(...marks.map(({ text }) => text.length));
  return { side, marks, y: linear(span, [height, 0]), span, width: Math.ceil(longest * LETTER) + 14 };
}

function end(shapes, name, choose) {
  const known = shapes.map(({ series }) => series[name]).filter((value) => typeof value === "number");
  return known.length ? choose(...known) : null;
}

/** Ticks with texts, as short as tells them apart. */
function labelled(values, unit) {
  for (const decimals of [null, 1, 2, 3, 4]) {
    const marks = values.map((value) => ({ value, text: short(format(value, unit, decimals)) }));
    if (new Set(marks.map(({ text }) => text)).size === marks.length || decimals === 4) return marks;
  }
  return [];
}

function short(text) {
  return text.replace(/(\.\d*?)0+(?=\D|$)/, "$1").replace(/\.(?=\D|$)/, "");
}

/** The SVG of a layout. */
export function picture(layout, thresholds, exemplars, marks = []) {
  const { plot, shapes } = layout;
  const inner = svg("svg", { x: plot.left, y: plot.top, width: plot.width, height: plot.height, class: "inner" });
  inner.append(...thresholdMarks(thresholds, layout), ...shapes.flatMap((shape) => drawn(shape, layout)));
  const diamonds = svg("g", { class: "exemplars", transform: `translate(${plot.left} ${plot.top})` });
  diamonds.append(...thinned(exemplars, layout).map((one) => diamond(one)));
  const moments = svg("g", { class: "marks", transform: `translate(${plot.left} ${plot.top})` }, ...marked(marks, layout, LETTER).flatMap((one) => moment(one, layout)));
  return [svg("g", { class: "axes" }, ...grid(layout)), moments, diamonds, inner]; // lines stay readable above the diamonds
}

export function axisOf(layout, series) {
  return layout.axes.find(({ side }) => side === (series.style.axis === "right" ? "right" : "left"));
}

function grid({ plot, axes, x, from, to }) {
  const nodes = axes.flatMap((one, at) => axisMarks(one, plot, at === 0));
  const bottom = plot.top + plot.height;
  for (const { time, text } of timeTicks(from, to, Math.max(2, Math.floor(plot.width / 70)))) {
    const left = plot.left + x(time);
    nodes.push(svg("line", { x1: left, x2: left, y1: plot.top, y2: bottom, class: "grid" }));
    if (left > plot.left + 16 && left < plot.left + plot.width + 4) {
      nodes.push(svg("text", { x: left, y: bottom + 15, "text-anchor": "middle" }, text));
    }
  }
  return nodes;
}

function axisMarks({ side, marks, y }, plot, lines) {
  const right = plot.left + plot.width;
  const place = side === "left" ? { x: plot.left - 7, "text-anchor": "end" } : { x: right + 7, "text-anchor": "start" };
  return marks.flatMap(({ value, text }) => {
    const top = plot.top + y(value);
    const line = svg("line", { x1: plot.left, x2: right, y1: top, y2: top, class: value === 0 ? "grid zero" : "grid" });
    return [lines ? line : null, svg("text", { ...place, y: top + 4 }, text)].filter(Boolean);
  });
}

function drawn({ series, points }, layout) {
  const { style } = series;
  const { y } = axisOf(layout, series);
  const { x } = layout;
  if (style.draw === "bars") return [bars(series, points, x, y)];
  const pieces = runs(points, style.span_nulls);
  const nodes = [];
  if (style.draw !== "points") {
    if (style.fill) nodes.push(shape(areaPath(pieces, x, y), { fill: series.paint, "fill-opacity": style.fill / 100 }));
    nodes.push(shape(linePath(pieces, x, y, style.interpolation), line(series)));
  }
  nodes.push(shape(pointPath(dots(pieces, style, x), x, y, style.draw === "points" ? 3 : 2.2), { fill: series.paint }));
  return nodes;
}

function line({ paint, style }) {
  const dash = style.dash?.length ? style.dash.join(" ") : "none";
  const cap = style.dash?.[0] === 0 ? "round" : "butt"; // dots are dashes without length
  return { fill: "none", stroke: paint, "stroke-width": `${style.width ?? 1}px`, "stroke-dasharray": dash, "stroke-linecap": cap };
}

/** Points that must be seen: those asked for, and those alone between gaps, whose line has no length. */
function dots(pieces, { draw, points, dash }, x) {
  if (draw === "points" || points === "always") return pieces.flat();
  const all = pieces.flat();
  const sparse = all.length > 1 && Math.abs(x(all[1][0]) - x(all[0][0])) > 24;
  if (points === "auto" && sparse && !dash) return all; // a dashed line is a limit, not a measurement
  return pieces.filter((run) => run.length === 1).flat();
}

function bars({ paint, style }, points, x, y) {
  const gap = points.length > 1 ? x(points[1][0]) - x(points[0][0]) : 40;
  const width = Math.max(1, Math.min(40, gap * 0.82));
  return shape(barPath(points, x, y, width), { fill: paint, "fill-opacity": Math.max(style.fill, 15) / 100, stroke: paint, "stroke-width": gap > 6 ? "1px" : "0" });
}

function shape(d, style) {
  return svg("path", { d, style });
}

/** Thresholds of the panel itself, as `{mode, steps}`; those of our boards are dashed series. */
function thresholdMarks({ mode, steps }, { axes, plot }) {
  if (!axes.length || !mode || mode === "off") return [];
  const { y } = axes[0];
  const known = steps.filter(({ value }) => value !== null);
  const areas = mode.includes("area") ? steps.map((step, at) => area(step, steps[at + 1], y, plot)) : [];
  const lines = mode.includes("line") || mode.includes("dashed") ? known.map((step) => rule(step, y, plot, mode)) : [];
  return [...areas, ...lines];
}

function area({ value, color }, next, y, plot) {
  const low = value === null ? plot.height : Math.min(plot.height, y(value));
  const high = next ? Math.max(0, y(next.value)) : 0;
  const style = { fill: graphic(color), "fill-opacity": 0.1 };
  return svg("rect", { x: 0, width: plot.width, y: high, height: Math.max(0, low - high), style });
}

function rule({ value, color }, y, plot, mode) {
  const style = { stroke: graphic(color), "stroke-dasharray": mode.includes("dashed") ? "8 6" : "none" };
  return svg("line", { x1: 0, x2: plot.width, y1: y(value), y2: y(value), style });
}

function moment({ left, name, start }, { plot }) {
  const line = svg("line", { x1: left, x2: left, y1: 0, y2: plot.height });
  return start === null ? [line] : [line, svg("text", { x: start, y: 9 }, name)];
}

/** Of examples that would cover each other, one; with its place. */
function thinned(exemplars, { x, axes, plot, from, to }) {
  const cells = new Map();
  for (const one of axes.length ? exemplars : []) {
    if (one.time < from || one.time > to) continue;
    const top = Math.min(plot.height - 4, Math.max(4, axes[0].y(one.value)));
    const left = x(one.time);
    cells.set(`${Math.round(left / CROWD)} ${Math.round(top / CROWD)}`, { ...one, left, top });
  }
  return [...cells.values()];
}

function diamond({ left, top, url, trace_id: trace }) {
  const mark = svg("path", { d: "M0-4L4 0L0 4L-4 0Z", transform: `translate(${left} ${top})` });
  return svg("a", { href: url, tabindex: "-1", "aria-label": `Trace ${trace}` }, mark);
}
