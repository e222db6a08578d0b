// The bar above the panels: variables, range, refresh, links.

import { element, hiddenText, icon, link } from "../dom.js";
import { rangeControl, wider } from "./range.js";
import { variableControl } from "./variables.js";

const TURN = "M13 3v3.5H9.5M12.6 6.5A5.2 5.2 0 1 0 13.2 9";
const OUT = "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3 14 14M5 7h4";

/** The bar's parts. `change(changes)` alters the address; `refresh()` asks again. */
export function controls(definition, state, change, refresh) {
  const range = { from: state.from ?? definition.time.from, to: state.to ?? definition.time.to };
  const shown = definition.variables.filter(({ hidden }) => !hidden);
  const variables = shown.map((variable) => variableControl(variable, (values) => change({ [`var-${variable.name}`]: values })));
  const links = definition.links.map((target) => element("li", {}, link(target)));
  return [
    element("div", { class: "variables" }, variables),
    element(
      "div",
      { class: "when" },
      rangeControl(definition, range, (from, to) => change({ from, to })),
      tool("Zoom out", OUT, "zoom-out", () => zoomOut(definition, change)),
      tool("Refresh", TURN, "refresh", refresh),
      intervals(definition, state, change),
    ),
    links.length ? element("ul", { class: "board-links", "aria-label": "Links" }, links) : "",
  ];
}

export function zoomOut(definition, change) {
  const [from, to] = wider(definition);
  change({ from: String(from), to: String(to) });
}

/** How often the board asks again, as `30s`; `""` for never. */
export function interval(definition, state) {
  return state.refresh ?? definition.refresh ?? "";
}

function tool(text, path, key, click) {
  return element("button", { type: "button", class: "tool edged", title: text, "data-key": key, on: { click } }, icon(path), hiddenText(text));
}

function intervals(definition, state, change) {
  const current = interval(definition, state);
  const offered = [...new Set([...definition.refresh_intervals, current])];
  const options = offered.map((value) => element("option", { value, selected: value === current }, value ? `Every ${value}` : "Off"));
  const on = { change: (event) => change({ refresh: event.target.value }) };
  return element("select", { class: "every", "aria-label": "Refresh by itself", "data-key": "every", on }, options);
}
