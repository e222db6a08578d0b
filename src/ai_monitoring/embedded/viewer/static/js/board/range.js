// When: quick ranges, two exact times, a step out.

import { element } from "../dom.js";
import { inputTime, rangeText, zone } from "../time.js";
import { popover } from "./popover.js";

/** The control of the range. `state` is `{from, to}` as the address has them; `choose(from, to)` sets others. */
export function rangeControl(definition, state, choose) {
  const text = rangeText(state.from, state.to);
  const attributes = { class: "picker range", "aria-label": `Time range: ${text}`, "data-key": "range" };
  const chosen = (close) => (from, to) => {
    close();
    choose(from, to);
  };
  return popover(attributes, element("span", { class: "picker-text" }, text), (close) => [
    absolute(definition, chosen(close)),
    quick(definition.time_ranges, state, chosen(close)),
  ]);
}

/** Twice as long a range around the same middle, as whole milliseconds; its end not in the future when it was now. */
export function wider({ from, to }) {
  const half = Math.max(500, (to - from) / 2);
  return [Math.round(from - half), Math.round(to + half)];
}

function quick(ranges, state, choose) {
  const items = ranges.map(({ text, from, to }) => {
    const current = from === state.from && to === state.to;
    const click = () => choose(from, to);
    return element("li", {}, element("button", { type: "button", class: "quiet", "aria-current": current ? "true" : null, on: { click } }, text));
  });
  return element("ul", { class: "quick", "aria-label": "Quick ranges" }, items);
}

function absolute({ from, to }, choose) {
  const error = element("p", { class: "trouble small", role: "alert" });
  const start = timeInput("range-from", from);
  const end = timeInput("range-to", to);
  const submit = (event) => {
    event.preventDefault();
    const [first, last] = [start, end].map((input) => new Date(input.value).getTime());
    if (first < last) choose(String(first), String(last));
    else error.textContent = "From must be before to.";
  };
  return element(
    "form",
    { class: "absolute", on: { submit } },
    element("div", { class: "field" }, element("label", { for: "range-from" }, "From"), start),
    element("div", { class: "field" }, element("label", { for: "range-to" }, "To"), end),
    error,
    element("button", { class: "primary" }, "Show this range"),
    element("p", { class: "muted small" }, `Times in ${zone()}`),
  );
}

function timeInput(id, ms) {
  return element("input", { id, type: "datetime-local", step: "1", required: true, value: inputTime(ms) });
}
