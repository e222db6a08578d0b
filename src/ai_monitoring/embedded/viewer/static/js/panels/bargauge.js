// Values beside each other as bars: who is how far.

import { graphic } from "../colours.js";
import { element } from "../dom.js";
import { ends, nameOf, share, valueText } from "./values.js";

export { has, rows } from "./values.js";

export function draw(view) {
  const { values } = view.data;
  const options = view.panel.options ?? {};
  const upright = options.orientation === "vertical";
  const bars = values.map((one, at) => bar(one, values, at, options, upright));
  view.element.replaceChildren(element("dl", { class: upright ? "bars upright" : "bars" }, bars));
}

function bar(one, all, at, options, upright) {
  const paint = graphic(one.color, at);
  const part = `${(share(one.value, ends(one, all)) * 100).toFixed(2)}%`;
  const filled = element("span", { class: options.displayMode === "lcd" ? "bar-fill lcd" : "bar-fill", style: { "--colour": paint } });
  filled.style.setProperty(upright ? "height" : "width", part);
  const track = element("span", { class: options.showUnfilled === false ? "bar-track bare" : "bar-track", "aria-hidden": "true" }, filled);
  const value = options.valueMode === "hidden" ? null : element("span", { class: "bar-value" }, valueText(one));
  return element("div", { class: "bar" }, element("dt", { class: "bar-name", title: one.name }, nameOf({ ...one, name: one.name || "Value" })), element("dd", {}, track, value ?? ""));
}
