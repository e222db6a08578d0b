// What the panels of single numbers share: stat, gauge, bar gauge, pie.

import { element, link } from "../dom.js";
import { format } from "../units.js";

export function has(data) {
  return data.values?.length > 0;
}

export function rows(data) {
  const columns = [
    { name: "Name", kind: "text", align: "left" },
    { name: "Value", kind: "text", align: "right" },
  ];
  return { columns, rows: data.values.map((one) => [{ value: one.name }, { value: valueText(one), links: one.links }]) };
}

/** The value as the board wants it read: a mapping's text, or the number with its unit. */
export function valueText({ value, text, unit, decimals }) {
  return text ?? format(value, unit, decimals);
}

/** A name, which leads to where the board's data links lead. */
export function nameOf(one) {
  const [first] = one.links ?? [];
  return first ? link({ ...first, title: one.name || first.title }, { title: first.title }) : element("span", {}, one.name);
}

/** The ends of a scale: the panel's, or what Grafana takes for percentages, or zero and the largest value. */
export function ends(one, all) {
  const percent = { percent: 100, percentunit: 1 }[one.unit];
  const largest = Math.max(...all.map(({ value, max }) => max ?? Math.abs(value ?? 0)), 0);
  return [one.min ?? 0, one.max ?? percent ?? (largest || 1)];
}

/** Where a value lies between the ends, from 0 to 1. */
export function share(value, [low, high]) {
  return value === null || high <= low ? 0 : Math.min(1, Math.max(0, (value - low) / (high - low)));
}
