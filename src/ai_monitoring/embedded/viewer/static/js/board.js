// The page of one board.

import * as address from "./board/address.js";
import { controls, interval, zoomOut } from "./board/controls.js";
import { sectionNode, sections } from "./board/layout.js";
import { Panel } from "./board/panel.js";
import { ask, Queue } from "./board/requests.js";
import { theme } from "./colours.js";
import { element } from "./dom.js";
import { clockTime } from "./time.js";

const AT_ONCE = 6;
const NEAR = "300px";
const SECONDS = { s: 1, m: 60, h: 3600, d: 86400 };

class Board {
  uid = address.uidOf();
  panels = new Map();
  folded = new Map();
  near = new Set();
  queue = new Queue(AT_ONCE);
  asking = new AbortController();

  constructor(root) {
    this.parts = Object.fromEntries([...root.querySelectorAll("[data-part]")].map((node) => [node.dataset.part, node]));
    this.watch = new IntersectionObserver((entries) => this.approached(entries), { rootMargin: NEAR });
    addEventListener("popstate", () => this.load());
    addEventListener("keydown", (event) => this.escaped(event));
    document.addEventListener("themechange", () => this.refresh(this.asking.signal));
    document.addEventListener("visibilitychange", () => document.hidden || this.overdue());
  }

  actions = {
    zoom: (from, to) => this.change({ from: String(from), to: String(to) }),
    zoomOut: () => zoomOut(this.definition, (changes) => this.change(changes)),
    say: (text) => (this.parts.live.textContent = text),
    full: (id) => this.change({ viewPanel: id === null ? null : String(id) }),
    isFull: (id) => address.read().panel === id,
  };

  /** Alters the address and shows what it now says. */
  change(changes) {
    history.pushState(null, "", location.pathname + address.changed(changes));
    this.load();
  }

  /** Asks for the board, since variables and titles depend on the address; then for its panels. */
  async load() {
    this.asking.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    try {
      const definition = await ask(`/api/boards/${encodeURIComponent(this.uid)}?${address.asked()}`, signal);
      if (signal.aborted) return;
      this.define(definition);
      this.refresh(signal);
    } catch (error) {
      if (!signal.aborted) this.fail(error);
    }
  }

  fail(error) {
    this.parts.failure.textContent = error.message;
    this.parts.failure.hidden = false;
    this.parts.panels.setAttribute("aria-busy", "false");
  }

  define(definition) {
    this.definition = definition;
    this.state = address.read();
    this.parts.failure.hidden = true;
    document.title = `${definition.title} · ai-monitoring`;
    this.parts.title.textContent = definition.title;
    this.parts.description.textContent = definition.description;
    this.parts.folder.textContent = definition.folder;
    this.drawControls();
    this.arrange();
    this.schedule();
  }

  drawControls() {
    const known = JSON.stringify([this.definition.variables, this.definition.links, this.definition.time, location.search]);
    if (known === this.controlled) return;
    this.controlled = known;
    const { controls: bar } = this.parts;
    const focused = bar.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    bar.replaceChildren(...controls(this.definition, this.state, (changes) => this.change(changes), () => this.load()));
    if (focused) bar.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  /** Builds the grid anew only where the board's shape changed: what is on screen stays there while it is asked again. */
  arrange() {
    const shown = this.onlyFull(sections(this.definition.panels));
    const shape = JSON.stringify([this.state.panel, shown.map(({ row, panels }) => [row, panels.map(({ id, grid, kind }) => [id, grid, kind])])]);
    for (const { row, panels } of shown) for (const definition of panels) this.panel(definition).define(definition, row ? "h3" : "h2");
    if (shape === this.shape) return;
    this.shape = shape;
    this.watch.disconnect();
    this.near.clear();
    this.parts.panels.classList.toggle("one", this.state.panel !== null);
    this.parts.panels.replaceChildren(...this.fullBar(), ...shown.map((section) => this.section(section)));
    for (const { panels } of shown) for (const { id } of panels) this.watch.observe(this.panels.get(id).node);
  }

  onlyFull(all) {
    const { panel } = this.state;
    if (panel === null) return all;
    const one = all.flatMap(({ panels }) => panels).filter(({ id }) => id === panel);
    return [{ row: null, panels: one }];
  }

  fullBar() {
    if (this.state.panel === null) return [];
    const click = () => this.actions.full(null);
    return [element("p", {}, element("button", { type: "button", on: { click } }, "← Back to the board"))];
  }

  section(section) {
    const { row } = section;
    const open = this.folded.get(row?.title) ?? !row?.collapsed;
    const nodes = section.panels.map(({ id }) => this.panels.get(id).node);
    return sectionNode(section, nodes, open, (unfolded) => this.folded.set(row.title, unfolded));
  }

  panel(definition) {
    if (!this.panels.has(definition.id)) {
      const panel = new Panel(this.actions);
      this.panels.set(definition.id, panel);
    }
    return this.panels.get(definition.id);
  }

  approached(entries) {
    for (const { target, isIntersecting } of entries) {
      const panel = [...this.panels.values()].find(({ node }) => node === target);
      if (isIntersecting) this.near.add(panel);
      else this.near.delete(panel);
      if (isIntersecting && panel.stale) this.fill(panel, this.asking.signal);
    }
  }

  refresh(signal) {
    for (const panel of this.panels.values()) panel.stale = true;
    this.refreshed = Date.now();
    this.marks = ask(`${this.path("marks")}?${this.query()}`, signal).then(({ marks }) => marks, () => []);
    return Promise.all([...this.near].map((panel) => this.fill(panel, signal))).then(() => this.done(signal));
  }

  done(signal) {
    if (!signal.aborted) this.parts.updated.textContent = `Updated ${clockTime(Date.now())}`;
  }

  /** Asks for a panel's data and shows it. What was shown before stays until then. */
  async fill(panel, signal) {
    if (!panel.asks) return;
    panel.stale = false;
    panel.loading(true);
    try {
      const data = await this.queue.add(() => ask(this.question(panel), signal), signal);
      panel.show({ ...data, marks: await this.marks });
    } catch (error) {
      if (!signal.aborted) panel.fail(error.message);
    } finally {
      if (!signal.aborted) panel.loading(false);
    }
  }

  question(panel) {
    const query = this.query();
    query.set("width", panel.width);
    query.set("theme", theme());
    return `${this.path(`panels/${panel.definition.id}`)}?${query}`;
  }

  path(part) {
    return `/api/boards/${encodeURIComponent(this.uid)}/${part}`;
  }

  query() {
    const query = address.asked();
    for (const end of ["from", "to"]) if (!query.has(end)) query.set(end, this.definition.time[end]);
    return query;
  }

  schedule() {
    clearInterval(this.timer);
    const [, count, unit] = /^(\d+)([smhd])$/.exec(interval(this.definition, this.state)) ?? [];
    this.every = count ? count * SECONDS[unit] * 1000 : Infinity;
    if (count) this.timer = setInterval(() => this.overdue(), this.every);
  }

  /** Asks again if it is time; a page that nobody sees waits until somebody does. */
  overdue() {
    if (document.hidden || !this.refreshed || Date.now() - this.refreshed < this.every * 0.9) return;
    this.refresh(this.asking.signal);
  }

  escaped(event) {
    if (event.key !== "Escape" || event.defaultPrevented || address.read().panel === null) return;
    if (!document.querySelector(":popover-open")) this.actions.full(null);
  }
}

const root = document.querySelector("[data-board]");
if (root) new Board(root).load();
