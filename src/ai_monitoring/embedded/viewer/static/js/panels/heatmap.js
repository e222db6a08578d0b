// How often, by time and size: the deeper the colour, the more.

import { hideTooltip, showTooltip } from "../chart/tooltip.js";
import { timeTicks, linear } from "../chart/scale.js";
import { element, svg } from "../dom.js";
import { clockTime, isoTime } from "../time.js";
import { format } from "../units.js";

const LETTER = 6.3;
const BOTTOM = 20;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export function draw(view) {
  const { heatmap } = view.data;
  const most = Math.max(1e-12, ...heatmap.cells.flat().filter((value) => value !== null));
  const scale = element("p", { class: "heat-scale" }, "0", element("span", { class: "heat-ramp", "aria-hidden": "true" }), format(most, heatmap.unit));
  const holder = element("div", {
    class: "chart",
    tabindex: "0",
    role: "application",
    "aria-roledescription": "heatmap",
    "aria-label": `${view.panel.title}: heatmap. Arrow keys read its cells.`,
    "data-key": "chart",
  });
  view.element.replaceChildren(holder, scale);
  const places = layout(heatmap, holder.clientWidth, holder.clientHeight, view.data);
  holder.append(picture(heatmap, most, places));
  listen(holder, heatmap, places, view);
}

export function has(data) {
  return data.heatmap?.cells.some((row) => row.some((value) => value)) ?? false;
}

/** Cells are asked as `cells[row of y][column of x]`. */
export function rows({ heatmap }) {
  const columns = [{ name: "Time", kind: "time", align: "left" }];
  columns.push(...heatmap.y.map(({ text }) => ({ name: text, unit: heatmap.unit, kind: "number", align: "right" })));
  return { columns, rows: heatmap.x.map((time, at) => [{ value: time }, ...heatmap.y.map((_, row) => ({ value: heatmap.cells[row]?.[at] ?? null }))]).reverse() };
}

function layout({ x, y }, width, height, data) {
  const left = Math.max(...y.map(({ text }) => text.length)) * LETTER + 14;
  const plot = { left, width: Math.max(10, width - left - 8), height: Math.max(10, height - BOTTOM) };
  const step = x.length > 1 ? x[1] - x[0] : (data.step ?? data.to - data.from);
  const across = linear([x[0], x.at(-1) + step], [left, left + plot.width]);
  return { plot, across, step, wide: plot.width / x.length, tall: plot.height / y.length, width, height };
}

function picture({ x, y, cells }, most, { plot, across, step, wide, tall, width, height }) {
  const image = svg("svg", { class: "plot", width, height, "aria-hidden": "true" });
  for (const [row, values] of cells.entries()) {
    const top = plot.height - (row + 1) * tall;
    for (const [column, value] of values.entries()) {
      if (!value) continue;
      const place = { x: across(x[column]), y: top, width: Math.max(0.5, wide - (wide > 4 ? 1 : 0)), height: Math.max(0.5, tall - (tall > 4 ? 1 : 0)) };
      image.append(svg("rect", { ...place, class: "heat", "fill-opacity": (0.1 + 0.9 * Math.sqrt(value / most)).toFixed(3) }));
    }
  }
  const every = Math.ceil(14 / tall);
  const names = y.map(({ text }, row) => (row % every ? null : svg("text", { x: plot.left - 7, y: plot.height - (row + 0.5) * tall + 4, "text-anchor": "end" }, text)));
  const times = timeTicks(x[0], x.at(-1) + step, Math.floor(plot.width / 70)).filter(({ time }) => across(time) > plot.left + 10);
  image.append(...names.filter(Boolean), ...times.map(({ time, text }) => svg("text", { x: across(time), y: plot.height + 15, "text-anchor": "middle" }, text)));
  return image;
}

function listen(holder, heatmap, places, view) {
  let at = [heatmap.x.length - 1, 0];
  holder.onpointermove = (event) => {
    const box = holder.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left - places.plot.left) / places.wide);
    const row = Math.floor((places.plot.height - event.clientY + box.top) / places.tall);
    const inside = heatmap.cells[row]?.[column] !== undefined;
    if (inside) show(event.clientX, event.clientY, heatmap, column, row);
    else hideTooltip();
  };
  holder.onpointerleave = holder.onblur = hideTooltip;
  holder.onkeydown = (event) => {
    const step = KEYS[event.key];
    if (!step) return;
    event.preventDefault();
    at = [clamp(at[0] + step[0], heatmap.x.length), clamp(at[1] + step[1], heatmap.y.length)];
    const box = holder.getBoundingClientRect();
    show(box.left + places.plot.left + (at[0] + 0.5) * places.wide, box.top + places.plot.height - (at[1] + 0.5) * places.tall, heatmap, ...at);
    view.say(`${clockTime(heatmap.x[at[0]])}, ${heatmap.y[at[1]].text}: ${cellText(heatmap, ...at)}`);
  };
}

function clamp(index, count) {
  return Math.min(count - 1, Math.max(0, index));
}

function cellText({ cells, unit }, column, row) {
  return format(cells[row]?.[column] ?? null, unit);
}

function show(left, top, heatmap, column, row) {
  showTooltip(left, top, isoTime(heatmap.x[column]), [{ name: heatmap.y[row].text, text: cellText(heatmap, column, row) }]);
}
