// Names and numbers of series. A name is a button: alone, together, alone again.

import { element, hiddenText, icon, link } from "../dom.js";
import { format } from "../units.js";
import { calculated } from "./calcs.js";
import { swatch } from "./tooltip.js";

const OPEN = "M6 3H3v10h10v-3M9 3h4v4M13 3 7 9";

/** The legend of `series` (as the server sends them, with `paint`), or null where the board wants none. */
export function legend(series, options, state, changed) {
  const shown = series.filter((one) => !one.hidden?.legend);
  if (options?.showLegend === false || options?.displayMode === "hidden" || !shown.length) return null;
  const calcs = options?.calcs ?? [];
  const table = options?.displayMode === "table" && calcs.length;
  const node = table ? legendTable(shown, calcs, state) : legendList(shown, calcs, state);
  node.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    isolate(state, button.dataset.series, event.ctrlKey || event.metaKey, shown);
    press(node, state);
    changed();
  });
  press(node, state);
  return node;
}

/** Whether the chart draws the series. */
export function visible(state, name) {
  return !state.alone || state.alone.has(name);
}

function isolate(state, name, add, shown) {
  if (add) {
    state.alone ??= new Set(shown.map((one) => one.name));
    if (!state.alone.delete(name)) state.alone.add(name);
  } else {
    state.alone = state.alone?.has(name) && state.alone.size === 1 ? null : new Set([name]);
  }
  if (state.alone?.size === 0) state.alone = null;
}

function press(node, state) {
  for (const button of node.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", visible(state, button.dataset.series));
  }
}

function legendList(series, calcs) {
  const items = series.map((one) => element("li", {}, ...named(one), calcs.map((calc) => inList(one, calc))));
  return element("ul", { class: "legend", "aria-label": "Series" }, items);
}

function inList(one, calc) {
  const result = calculated(calc, one.points);
  return result && element("span", { class: "muted" }, `${result.name}: ${format(result.value, one.unit, one.decimals)}`);
}

function legendTable(series, calcs) {
  const known = calcs.filter((calc) => calculated(calc, []));
  const head = known.map((calc) => element("th", { scope: "col", class: "number" }, calculated(calc, []).name));
  const rows = series.map((one) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, ...named(one)),
      known.map((calc) =>
        element("td", { class: "number" }, format(calculated(calc, one.points).value, one.unit, one.decimals)),
      ),
    ),
  );
  return element(
    "div",
    { class: "legend scroll", tabindex: "0", role: "region", "aria-label": "Series" },
    element("table", {}, element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Series"), head)), element("tbody", {}, rows)),
  );
}

function named(one) {
  const name = one.name || "Value";
  const button = element(
    "button",
    { type: "button", class: "series", "data-series": one.name, "data-key": `series ${one.name}`, title: `Show only ${name}` },
    swatch(one.paint, one.style?.dash),
    element("span", {}, name),
  );
  const links = (one.links ?? []).map((target) => {
    const node = link(target, { class: "out", title: target.title });
    node.replaceChildren(icon(OPEN), hiddenText(`${target.title}: ${name}`));
    return node;
  });
  return [button, ...links];
}
