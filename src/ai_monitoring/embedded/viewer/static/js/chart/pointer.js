// How a time series panel is asked: by pointer, by touch, by keys.

import { svg } from "../dom.js";
import { clockTime, isoTime } from "../time.js";
import { format } from "../units.js";
import { onCrosshair, pointAt } from "./crosshair.js";
import { axisOf } from "./plot.js";
import { nearest } from "./stack.js";
import { hideTooltip, showTooltip } from "./tooltip.js";

const DRAG = 6;
const ORDERS = { asc: (a, b) => a.value - b.value, desc: (a, b) => b.value - a.value };

/** Makes `holder`, which shows `layout`, answer. `view` is the panel's. */
export function interactive(holder, picture, layout, view) {
  const marker = picture.appendChild(svg("line", { class: "crosshair", y1: layout.plot.top, y2: layout.plot.top + layout.plot.height }));
  const band = picture.appendChild(svg("rect", { class: "zoom", y: layout.plot.top, height: layout.plot.height }));
  marker.style.display = band.style.display = "none";
  onCrosshair(view.state, (time) => follow(marker, layout, time));
  byPointer(holder, band, layout, view);
  byKeys(holder, layout, view);
}

function follow(marker, { plot, x, from, to }, time) {
  const inside = time !== null && time >= from && time <= to;
  marker.style.display = inside ? "" : "none";
  if (!inside) return;
  const left = plot.left + x(time);
  marker.setAttribute("x1", left);
  marker.setAttribute("x2", left);
}

function byPointer(holder, band, layout, view) {
  let start = null;
  const time = (event) => timeAt(holder, layout, event);
  holder.onpointerdown = (event) => {
    if (event.button !== 0 || event.target.closest("a")) return;
    start = event.pointerType === "touch" ? null : event;
    hover(holder, layout, view, event);
  };
  holder.onpointermove = (event) => {
    if (start && !event.buttons) start = null; // it was let go elsewhere
    hover(holder, layout, view, event);
    if (start) stretch(band, holder, start, event);
  };
  holder.onpointerup = (event) => {
    band.style.display = "none";
    if (start && Math.abs(event.clientX - start.clientX) > DRAG) view.zoom(...[time(start), time(event)].sort((a, b) => a - b));
    start = null;
  };
  holder.onpointerleave = (event) => {
    if (event.pointerType === "touch") return; // what was touched stays to be read
    band.style.display = "none";
    pointAt(null);
    hideTooltip();
  };
  holder.ondblclick = () => view.zoomOut();
}

function stretch(band, holder, start, event) {
  const { left } = holder.getBoundingClientRect();
  band.style.display = "";
  band.setAttribute("x", Math.min(start.clientX, event.clientX) - left);
  band.setAttribute("width", Math.abs(event.clientX - start.clientX));
}

function timeAt(holder, { plot, from, to }, event) {
  const share = (event.clientX - holder.getBoundingClientRect().left - plot.left) / plot.width;
  return Math.round(from + Math.min(1, Math.max(0, share)) * (to - from));
}

function hover(holder, layout, view, event) {
  const time = snapped(layout, timeAt(holder, layout, event));
  pointAt(time);
  const { mode = "multi", sort = "none" } = view.panel.options?.tooltip ?? {};
  let rows = readings(layout, time);
  if (mode === "none" || !rows.length) return hideTooltip();
  const top = event.clientY - holder.getBoundingClientRect().top - layout.plot.top;
  const closest = rows.reduce((best, row) => (Math.abs(row.top - top) < Math.abs(best.top - top) ? row : best));
  if (mode === "single") rows = [closest];
  else closest.strong = true;
  if (ORDERS[sort]) rows.sort(ORDERS[sort]);
  return showTooltip(event.clientX, event.clientY, isoTime(time), rows);
}

/** The time of the nearest point of any series. */
function snapped({ shapes }, time) {
  const times = shapes.map(({ points }) => points[nearest(points, time)]?.[0]).filter((at) => at !== undefined);
  return times.length ? times.reduce((best, at) => (Math.abs(at - time) < Math.abs(best - time) ? at : best)) : time;
}

/** What each series says at a time or within half a step of it, `[{name, value, text, colour, top}]`. */
function readings(layout, time) {
  return layout.shapes
    .filter(({ series }) => !series.hidden?.tooltip)
    .map(({ series, points }) => ({ series, index: nearest(points, time), points }))
    .filter(({ series, index, points }) => index >= 0 && Math.abs(points[index][0] - time) <= layout.near && series.points[index][1] !== null)
    .map(({ series, index, points }) => ({
      name: series.name || "Value",
      value: series.points[index][1],
      text: format(series.points[index][1], series.unit, series.decimals),
      colour: series.paint,
      top: axisOf(layout, series).y(points[index][2]),
    }));
}

const STEPS = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity };

function byKeys(holder, layout, view) {
  const times = [...new Set(layout.shapes.flatMap(({ points }) => points.map(([time]) => time)))].sort((a, b) => a - b);
  let at = times.length;
  const move = (by) => {
    at = Math.max(0, Math.min(times.length - 1, at + by));
    tell(holder, layout, view, times[at]);
  };
  holder.onkeydown = (event) => {
    if (event.target !== holder || !times.length || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in STEPS) move(STEPS[event.key]);
    else if (!other(event.key, view, layout, times[Math.min(at, times.length - 1)])) return;
    event.preventDefault();
  };
  holder.onblur = () => {
    pointAt(null);
    hideTooltip();
  };
}

function other(key, view, { from, to }, time) {
  const quarter = (to - from) / 4;
  if (key === "Enter") return openExemplar(view, time);
  if (key === "+") view.zoom(Math.round(time - quarter), Math.round(time + quarter));
  else if (key === "-") view.zoomOut();
  else return false;
  return true;
}

function openExemplar(view, time) {
  const near = exemplarNear(view, time);
  if (near) location.assign(near.url);
  return Boolean(near);
}

function exemplarNear({ data }, time) {
  return (data.exemplars ?? []).find((one) => Math.abs(one.time - time) <= Math.max(data.step ?? 0, 1000));
}

function tell(holder, layout, view, time) {
  pointAt(time);
  const rows = readings(layout, time);
  const box = holder.getBoundingClientRect();
  showTooltip(box.left + layout.plot.left + layout.x(time), box.top + layout.plot.top, isoTime(time), rows);
  const values = rows.map(({ name, text }) => `${name}: ${text}`).join(", ") || "no values";
  view.say(`${clockTime(time)}. ${values}.${exemplarNear(view, time) ? " Enter opens the trace of an example." : ""}`);
}
