// Rows and columns, in the order the reader wants.

import { graphic } from "../colours.js";
import { swatch } from "../chart/tooltip.js";
import { element, link } from "../dom.js";
import { isoTime } from "../time.js";
import { format } from "../units.js";

const MOST = 1000;
const ID = /^[0-9a-f]{16,32}$/;

export function draw(view) {
  drawTable(view, view.data.table);
}

export function has(data) {
  return data.table?.rows.length > 0;
}

/** Draws `{columns, rows}` into a panel; also what "Show as table" of every other kind calls. */
export function drawTable(view, table) {
  const { state } = view;
  const sorted = ordered(table, state.sort);
  const again = (column) => {
    state.sort = { column, down: state.sort?.column === column && !state.sort.down };
    drawTable(view, table);
    view.element.querySelector(`[data-key="sort ${column}"]`)?.focus();
  };
  const head = table.columns.map((column, at) => heading(column, at, state.sort, again));
  const body = sorted.slice(0, MOST).map((row) => element("tr", {}, row.map((cell, at) => drawn(cell, table.columns[at] ?? {}))));
  const all = element("table", { class: "data" }, element("thead", {}, element("tr", {}, head)), element("tbody", {}, body));
  const more = table.rows.length > MOST ? element("p", { class: "muted small" }, `The first ${MOST} of ${table.rows.length} rows.`) : "";
  view.element.replaceChildren(element("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": `Table: ${view.panel.title}`, "data-key": "table" }, all, more));
}

function heading(column, at, sort, again) {
  const active = sort?.column === at;
  const direction = active ? (sort.down ? "descending" : "ascending") : null;
  const sign = active ? (sort.down ? " ↓" : " ↑") : "";
  const button = element("button", { type: "button", class: "sort", "data-key": `sort ${at}`, on: { click: () => again(at) } }, column.name + sign);
  const node = element("th", { scope: "col", class: align(column), "aria-sort": direction }, button);
  if (column.width) node.style.width = `${column.width}px`;
  return node;
}

function align({ align: wanted, kind }) {
  return wanted === "right" || (wanted !== "left" && wanted !== "center" && kind === "number") ? "number" : wanted === "center" ? "centre" : "";
}

function drawn(cell, column) {
  const text = cell.text ?? cellText(cell.value, column);
  const [first] = cell.links ?? [];
  const content = first ? linked(first, text) : text;
  const mark = cell.color && text ? swatch(graphic(cell.color)) : "";
  return element("td", { class: column.kind === "time" ? `${align(column)} nowrap` : align(column) }, mark, content);
}

/** Of a trace's identifier the beginning is enough to tell it; the whole is in the title. */
function linked(one, text) {
  const id = ID.test(text);
  return link({ ...one, title: text || one.title }, { title: id ? `${one.title} ${text}` : one.title, class: id ? "id" : null });
}

function cellText(value, { kind, unit, decimals }) {
  if (value === null || value === undefined) return "–";
  if (kind === "time" && typeof value === "number" && !unit?.startsWith("dateTime")) return isoTime(value);
  return typeof value === "number" ? format(value, unit, decimals) : String(value);
}

function ordered({ rows: all }, sort) {
  if (!sort) return all;
  const sign = sort.down ? -1 : 1;
  return [...all].sort((one, other) => sign * compare(one[sort.column]?.value, other[sort.column]?.value));
}

function compare(one, other) {
  if (typeof one === "number" && typeof other === "number") return one - other;
  if (one === null || other === null) return (one === null) - (other === null);
  return String(one).localeCompare(String(other), "en", { numeric: true });
}
