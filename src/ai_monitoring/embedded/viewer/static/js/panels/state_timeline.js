// Who was in which state, when.

import { graphic, ground } from "../colours.js";
import { linear, timeTicks } from "../chart/scale.js";
import { hideTooltip, showTooltip, swatch } from "../chart/tooltip.js";
import { element, svg } from "../dom.js";
import { clockTime, isoTime } from "../time.js";

const LETTER = 6.3;
const BOTTOM = 20;
const GAP = 6;

export function draw(view) {
  const holder = element("div", {
    class: "chart",
    tabindex: "0",
    role: "application",
    "aria-roledescription": "timeline of states",
    "aria-label": `${view.panel.title}: ${view.data.states.length} rows of states. Up and down choose a row, left and right read its states.`,
    "data-key": "chart",
  });
  view.element.replaceChildren(holder, legend(view.data.states));
  const places = layout(view.data, holder.clientWidth, holder.clientHeight);
  holder.append(picture(view.data, places));
  byKeys(holder, view.data, places, view);
}

export function has(data) {
  return data.states?.some(({ spans }) => spans.length) ?? false;
}

export function rows({ states }) {
  const columns = [{ name: "Name", kind: "text" }, { name: "State", kind: "text" }, { name: "From", kind: "time" }, { name: "To", kind: "time" }];
  const spans = states.flatMap(({ name, spans: own }) => own.map((span) => ({ name, span })));
  return { columns, rows: spans.map(({ name, span }) => [{ value: name }, { value: stateText(span), color: span.color }, { value: span.from }, { value: span.to }]) };
}

function stateText({ text, value }) {
  return String(text ?? value ?? "–");
}

/** Each state once. Its word is written into the bars too, where there is room. */
function legend(states) {
  const kinds = new Map(states.flatMap(({ spans }) => spans.map((span) => [stateText(span), span.color])));
  const items = [...kinds].map(([text, colour], at) => element("li", {}, swatch(graphic(colour, at)), text));
  return element("ul", { class: "legend", "aria-label": "States" }, items);
}

function layout({ states, from, to }, width, height) {
  const left = Math.min(width * 0.35, Math.max(...states.map(({ name }) => name.length)) * LETTER + 14);
  const plot = { left, width: Math.max(10, width - left - 8), height: Math.max(10, height - BOTTOM) };
  return { plot, x: linear([from, to], [left, left + plot.width]), tall: plot.height / states.length, width, height };
}

function picture({ states, from, to }, { plot, x, tall, width, height }) {
  const image = svg("svg", { class: "plot", width, height, "aria-hidden": "true" });
  for (const [row, { name, spans }] of states.entries()) {
    const top = row * tall;
    image.append(svg("text", { x: plot.left - 7, y: top + tall / 2 + 4, "text-anchor": "end" }, shortened(name, Math.floor((plot.left - 13) / LETTER)), svg("title", {}, name)));
    image.append(...spans.flatMap((span) => bar(span, name, x, top, tall, { from, to })));
  }
  for (const { time, text } of timeTicks(from, to, Math.floor(plot.width / 70))) {
    if (x(time) > plot.left + 14) image.append(svg("text", { x: x(time), y: plot.height + 15, "text-anchor": "middle" }, text));
  }
  return image;
}

function bar(span, name, x, top, tall, { from, to }) {
  const left = x(Math.max(from, span.from));
  const wide = Math.max(1, x(Math.min(to, span.to)) - left);
  const paint = span.color || "var(--series-1)";
  const place = { x: left, y: top + GAP / 2, width: wide, height: Math.max(4, tall - GAP), rx: 2 };
  const shape = svg("rect", { ...place, class: "state", style: { fill: ground(paint, 38), stroke: graphic(span.color) } });
  shape.addEventListener("pointermove", (event) => show(event.clientX, event.clientY, name, span));
  shape.addEventListener("pointerleave", hideTooltip);
  const text = shortened(stateText(span), Math.floor((wide - 10) / LETTER));
  return text && tall > 16 ? [shape, svg("text", { x: left + 5, y: top + tall / 2 + 4, class: "state-text" }, text)] : [shape];
}

/** As much of a word as fits, so that colour need not say it alone. */
function shortened(text, most) {
  if (text.length <= most) return text;
  return most < 1 ? "" : most < 3 ? text.slice(0, most) : `${text.slice(0, most - 1)}…`;
}

function show(left, top, name, span) {
  showTooltip(left, top, name, [{ colour: graphic(span.color), name: `${isoTime(span.from)} to ${clockTime(span.to)}`, text: stateText(span) }]);
}

function byKeys(holder, { states }, { plot, x, tall }, view) {
  let row = 0;
  let at = states[0].spans.length;
  holder.onblur = hideTooltip;
  holder.onkeydown = (event) => {
    const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [];
    if (down === undefined) return;
    event.preventDefault();
    row = Math.min(states.length - 1, Math.max(0, row + down));
    const { name, spans } = states[row];
    at = Math.min(spans.length - 1, Math.max(0, at + right));
    if (!spans[at]) return view.say(`${name}: no states`);
    const box = holder.getBoundingClientRect();
    show(box.left + Math.max(plot.left, x(spans[at].from)), box.top + (row + 0.5) * tall, name, spans[at]);
    return view.say(`${name}: ${stateText(spans[at])} from ${clockTime(spans[at].from)} to ${clockTime(spans[at].to)}`);
  };
}
