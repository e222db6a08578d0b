// One panel of a board: its frame, its data, and what is said when there is none.

import { element, hiddenText, icon, link } from "../dom.js";
import { forgetCrosshair } from "../chart/crosshair.js";
import { KINDS } from "../panels/kinds.js";
import { drawTable } from "../panels/table.js";
import { popover } from "./popover.js";

const MENU = "M8 3.2a.9.9 0 1 1 0-1.8.9.9 0 0 1 0 1.8zm0 5.7a.9.9 0 1 1 0-1.8.9.9 0 0 1 0 1.8zm0 5.7a.9.9 0 1 1 0-1.8.9.9 0 0 1 0 1.8z";
const INFO = "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM8 7.4v3.4M8 5v.4";

export class Panel {
  state = { asTable: false };
  data = null;
  stale = true;

  /** `actions` are the board's: `{zoom(from, to), zoomOut(), say(text), full(id|null), isFull(id)}`. */
  constructor(actions) {
    this.actions = actions;
    this.body = element("div", { class: "panel-body" });
    this.notes = element("div", { class: "panel-notes" });
    this.head = element("header", { class: "panel-head" });
    this.node = element("article", { class: "panel" }, this.head, this.notes, this.body);
    new ResizeObserver(() => this.resized()).observe(this.body);
  }

  /** What the board's file says of the panel; its data comes by `show`. */
  define(definition, level) {
    const text = JSON.stringify(definition) + level;
    if (text === this.defined) return;
    this.defined = text;
    this.definition = definition;
    this.kind = KINDS[definition.kind];
    this.node.id = `panel-${definition.id}`;
    this.node.dataset.kind = definition.kind;
    this.head.replaceChildren(...heading(this, level));
    this.node.setAttribute("aria-label", definition.title || "Text");
    this.stale = true;
    if (!this.asks) this.draw();
    else if (!this.data) this.body.replaceChildren(element("p", { class: "state loading-text" }, "Loading…"));
  }

  /** Whether there is something to ask the server for. */
  get asks() {
    return this.kind !== undefined && this.definition.supported !== false && this.definition.kind !== "text";
  }

  get width() {
    return Math.max(100, Math.round(this.body.clientWidth));
  }

  loading(on) {
    this.node.classList.toggle("loading", on);
    this.node.setAttribute("aria-busy", String(on));
  }

  show(data) {
    this.data = data;
    this.draw();
  }

  /** Words in place of data, where the question itself failed. */
  fail(text) {
    this.show({ ...this.data, errors: [{ ref: "", text }], empty: this.data?.empty ?? "" });
  }

  resized() {
    const size = `${this.body.clientWidth} ${this.body.clientHeight}`;
    if (!this.drawnAt || size === this.drawnAt) return;
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  draw() {
    const focused = this.body.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const scrolled = this.body.firstElementChild?.scrollTop;
    this.notes.replaceChildren(...(this.data?.errors ?? []).map(note));
    this.drawnAt = `${this.body.clientWidth} ${this.body.clientHeight}`;
    this.drawBody();
    if (scrolled) this.body.firstElementChild.scrollTop = scrolled;
    if (focused) this.body.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  drawBody() {
    const { definition, data, kind } = this;
    if (!kind || definition.supported === false) return this.say(unknown(definition.kind));
    if (definition.kind === "text") return kind.draw(this.view());
    if (!kind.has(data)) return this.say(data.errors?.length ? "" : data.empty || "No data in this time range.");
    if (this.state.asTable) return drawTable(this.view(), kind.rows(data));
    return kind.draw(this.view());
  }

  say(text) {
    forgetCrosshair(this.state);
    this.body.replaceChildren(element("p", { class: "state" }, text));
  }

  view() {
    this.body.className = "panel-body";
    const { clientWidth, clientHeight } = this.body;
    const style = getComputedStyle(this.body);
    const width = clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const height = clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
    const { zoom, zoomOut, say } = this.actions;
    return { element: this.body, panel: this.definition, data: this.data, state: this.state, width, height, zoom, zoomOut, say };
  }
}

function unknown(kind) {
  return `This viewer does not know panels of kind “${kind}”; Grafana shows them.`;
}

function note({ ref, text }) {
  return element("p", { class: "panel-note" }, `⚠ ${ref ? `${ref}: ` : ""}${text}`);
}

function heading(panel, level) {
  const { definition } = panel;
  const title = element(level, { class: "panel-title", title: definition.title }, definition.title);
  const info = definition.description && iconPopover("About", INFO, definition, () => element("p", { class: "about" }, definition.description));
  const menu = iconPopover("Menu of", MENU, definition, (close) => menuItems(panel, close));
  return [definition.title ? title : null, element("span", { class: "panel-tools" }, info || "", menu)].filter(Boolean);
}

function iconPopover(what, path, { title, id }, fill) {
  const attributes = { class: "tool", "data-key": `${what} ${id}` };
  return popover(attributes, element("span", {}, icon(path), hiddenText(`${what} ${title || "this panel"}`)), fill);
}

function menuItems(panel, close) {
  const { definition, actions, state } = panel;
  const full = actions.isFull(definition.id);
  const items = [action(full ? "Back to the board" : "View full screen", close, () => actions.full(full ? null : definition.id))];
  if (panel.kind?.rows && panel.data) {
    const text = state.asTable ? "Show as picture" : "Show as table";
    items.push(action(text, close, () => {
      state.asTable = !state.asTable;
      state.sort = null;
      panel.draw();
    }));
  }
  items.push(...(definition.links ?? []).map((target) => element("li", {}, link(target))));
  return element("ul", { class: "menu" }, items);
}

function action(text, close, act) {
  const click = () => {
    close();
    act();
  };
  return element("li", {}, element("button", { type: "button", class: "quiet", on: { click } }, text));
}
