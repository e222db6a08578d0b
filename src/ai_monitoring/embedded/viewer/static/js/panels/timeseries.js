// Values over time.

import { element, svg } from "../dom.js";
import { distinct, graphic } from "../colours.js";
import { interactive } from "../chart/pointer.js";
import { layout, picture } from "../chart/plot.js";
import { legend, visible } from "../chart/legend.js";
import { nearest } from "../chart/stack.js";

export function draw(view) {
  const series = painted(view.data.series);
  const options = view.panel.options?.legend;
  const holder = element("div", {
    class: "chart",
    tabindex: "0",
    role: "application",
    "aria-roledescription": "chart",
    "aria-label": `${view.panel.title}: ${series.length} series over time. Left and right read values, plus and minus zoom.`,
    "data-key": "chart",
  });
  const key = legend(series, options, view.state, () => fill(holder, series, view));
  view.element.classList.toggle("legend-right", options?.placement === "right" && key !== null);
  view.element.replaceChildren(holder, key ?? "");
  fill(holder, series, view);
}

export function has(data) {
  return data.series?.some(({ points }) => points.some((point) => point[1] !== null)) ?? false;
}

/** The same as a table: a row a time, a column a series, and the way to an example's trace. */
export function rows(data) {
  const series = painted(data.series);
  const times = [...new Set(series.flatMap(({ points }) => points.map(([time]) => time)))].sort((a, b) => b - a);
  const columns = [{ name: "Time", unit: "dateTimeAsIso", kind: "time", align: "left" }];
  columns.push(...series.map(({ name, unit, decimals }) => ({ name: name || "Value", unit, decimals, kind: "number", align: "right" })));
  const exemplars = data.exemplars ?? [];
  if (exemplars.length) columns.push({ name: "Example", kind: "text", align: "left" });
  return { columns, rows: times.map((time) => row(time, series, exemplars, data.step)) };
}

function row(time, series, exemplars, step) {
  const cells = series.map(({ points }) => {
    const point = points[nearest(points, time)];
    return { value: point?.[0] === time ? point[1] : null };
  });
  if (!exemplars.length) return [{ value: time }, ...cells];
  const example = exemplars.find((one) => one.time <= time && one.time > time - (step ?? 1000));
  const links = example ? [{ title: "Trace", url: example.url }] : [];
  return [{ value: time }, ...cells, { value: "", text: example ? "Trace" : "", links }];
}

function painted(series) {
  const measured = series.filter(({ style }) => !style?.dash); // a dashed line is a limit, and keeps its colour
  const paints = distinct(measured.map(({ color }) => color));
  const paint = (one) => (measured.includes(one) ? paints[measured.indexOf(one)] : graphic(one.color));
  const plain = series.map((one) => ({ ...one, style: { draw: "line", fill: 0, ...one.style }, paint: paint(one) }));
  return plain.filter((one) => !one.hidden?.graph || !one.hidden?.legend);
}

function fill(holder, series, view) {
  const { clientWidth: width, clientHeight: height } = holder;
  if (!width || !height) return;
  const shown = series.filter((one) => !one.hidden?.graph && visible(view.state, one.name));
  const places = layout(shown, view.data, width, height);
  const steps = series[0]?.thresholds ?? [];
  const mode = series[0]?.style.thresholds ?? view.panel.options?.thresholdsStyle?.mode;
  const image = svg("svg", { class: "plot", width, height, "aria-hidden": "true" });
  image.append(...picture(places, { mode, steps }, view.data.exemplars ?? [], view.data.marks ?? []));
  holder.replaceChildren(image);
  interactive(holder, image, places, view);
}
