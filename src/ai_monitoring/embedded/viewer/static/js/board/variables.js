// The board's variables: a list for one choice, checkboxes for many, a box for text.

import { element } from "../dom.js";
import { popover } from "./popover.js";

const ALL = "$__all";
const LONG = 8;
const LONGEST_LIST = 60;
const SHOWN = 200;

/** The control of one variable; `choose(values)` is called with what the reader wants. */
export function variableControl(variable, choose) {
  const id = `variable-${variable.name}`;
  const label = element("label", { for: id, id: `${id}-label`, title: variable.description || null }, variable.label || variable.name);
  const error = variable.error ? element("p", { class: "trouble small" }, `⚠ ${variable.error}`) : null;
  return element("div", { class: "field variable" }, label, control(variable, id, choose), error);
}

function control(variable, id, choose) {
  if (variable.kind === "text") return textBox(variable, id, choose);
  if (variable.multi || variable.options.length > LONGEST_LIST) return picker(variable, id, choose);
  return selection(variable, id, choose);
}

function textBox({ name, values }, id, choose) {
  const change = (event) => choose([event.target.value]);
  return element("input", { id, type: "text", value: values[0] ?? "", size: 16, "data-key": `variable ${name}`, autocomplete: "off", on: { change } });
}

function selection(variable, id, choose) {
  const change = (event) => choose([event.target.value]);
  const node = element("select", { id, "data-key": `variable ${variable.name}`, on: { change } });
  node.append(...choices(variable).map(({ text, value }) => element("option", { value, selected: variable.values.includes(value) }, text)));
  return node;
}

function choices({ all, options }) {
  const offered = options.some(({ value }) => value === ALL);
  return all && !offered ? [{ text: "All", value: ALL }, ...options] : options;
}

function picker(variable, id, choose) {
  let chosen = new Set(variable.values);
  const before = [...chosen].sort().join("\n");
  const take = (value, on, close) => {
    chosen = variable.multi ? toggled(chosen, value, on) : new Set([value]);
    if (!variable.multi) close();
  };
  const closed = () => {
    if ([...chosen].sort().join("\n") === before) return;
    choose(chosen.size ? [...chosen] : variable.all ? [ALL] : variable.values);
  };
  const text = element("span", { class: "picker-text" }, summary(variable));
  const attributes = { id, class: "picker", "aria-labelledby": `${id}-label ${id}`, "data-key": `variable ${variable.name}` };
  return popover(attributes, text, (close) => list(variable, () => chosen, (value, on) => take(value, on, close)), closed);
}

/** All stands for itself: it gives way to any other choice, and any other choice to it. */
function toggled(chosen, value, on) {
  if (on && value === ALL) return new Set([ALL]);
  const next = new Set(chosen);
  next.delete(ALL);
  if (on) next.add(value);
  else next.delete(value);
  return next;
}

function summary(variable) {
  const texts = choices(variable).filter(({ value }) => variable.values.includes(value)).map(({ text }) => text);
  const named = texts.length ? texts : variable.values;
  return named.length > 2 ? `${named.slice(0, 2).join(", ")} and ${named.length - 2} more` : named.join(", ") || "None";
}

function list(variable, chosen, take) {
  const all = choices(variable);
  const body = element("ul", { class: "options" });
  const show = (words) => {
    const found = all.filter(({ text }) => text.toLowerCase().includes(words.toLowerCase()));
    const items = found.slice(0, SHOWN).map((option) => item(variable, option, chosen, take));
    const more = found.length > SHOWN ? element("li", { class: "muted" }, `and ${found.length - SHOWN} more: search`) : "";
    body.replaceChildren(...items, more, found.length ? "" : element("li", { class: "muted" }, "Nothing fits"));
  };
  show("");
  if (all.length <= LONG) return body;
  const input = (event) => show(event.target.value);
  return [element("input", { type: "search", placeholder: "Search", "aria-label": `Search ${variable.label || variable.name}`, on: { input } }), body];
}

function item(variable, { text, value }, chosen, take) {
  const change = (event) => {
    take(value, event.target.checked);
    for (const box of event.target.closest("ul").querySelectorAll("input")) box.checked = chosen().has(box.value);
  };
  const type = variable.multi ? "checkbox" : "radio";
  const box = element("input", { type, name: `options-${variable.name}`, value, on: { change } });
  box.checked = chosen().has(value);
  return element("li", {}, element("label", {}, box, text));
}
