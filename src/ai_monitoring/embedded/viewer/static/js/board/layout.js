// Panels in Grafana's grid of 24 columns, in sections under the board's rows. A phone's one column is the style sheet's.

import { element } from "../dom.js";

/** `[{row: definition|null, panels: [definition]}]`, in the order of the board; a collapsed row keeps what it hides. */
export function sections(panels) {
  const result = [{ row: null, panels: [] }];
  for (const panel of panels) {
    if (panel.kind === "row") result.push({ row: panel, panels: [...(panel.panels ?? [])] });
    else result.at(-1).panels.push(panel);
  }
  return result.filter(({ row, panels: own }) => row || own.length);
}

/** A section's node: the row's title, which folds it, and the grid with `nodes` of its panels. `fold(open)` is told. */
export function sectionNode({ row, panels }, nodes, open, fold) {
  const first = Math.min(...panels.map(({ grid }) => grid.y));
  for (const [at, { grid }] of panels.entries()) place(nodes[at], grid, first);
  const grid = element("div", { class: "board-grid" }, nodes);
  if (!row) return element("section", { class: "board-row", "aria-label": "Panels" }, grid);
  grid.hidden = !open;
  const click = () => {
    grid.hidden = !grid.hidden;
    button.setAttribute("aria-expanded", String(!grid.hidden));
    fold(!grid.hidden);
  };
  const button = element("button", { type: "button", class: "row-title", "aria-expanded": String(open), "data-key": `row ${row.title}`, on: { click } }, row.title || "Row");
  const count = element("span", { class: "muted small row-count" }, `${panels.length} ${panels.length === 1 ? "panel" : "panels"}`);
  return element("section", { class: "board-row", "aria-label": row.title || "Row" }, element("h2", {}, button, count), grid);
}

function place(node, { x, y, w, h }, first) {
  node.style.setProperty("grid-column", `${x + 1} / span ${w}`);
  node.style.setProperty("grid-row", `${y - first + 1} / span ${h}`);
  node.style.setProperty("--rows", h);
}
