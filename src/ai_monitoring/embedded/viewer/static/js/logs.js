// Lines of logs: time, level as a word, text, and behind each line what else is known of it. Explore draws with it too.

import { element, link } from "./dom.js";
import { isoTime } from "./time.js";

const LEVELS = {
  critical: "critical",
  fatal: "critical",
  emergency: "critical",
  alert: "critical",
  error: "error",
  err: "error",
  warning: "warning",
  warn: "warning",
  info: "info",
  information: "info",
  notice: "info",
  debug: "debug",
  trace: "debug",
};

/**
 * Draws `lines` (`{time: ns as a string, text, level, labels, metadata, trace_id, url}`) into `node`.
 * Options, as Grafana's logs panel names them: `showTime`, `wrapLogMessage`, `enableLogDetails`, `prettifyLogMessage`,
 * `showLabels`. Everything that a line says stays text.
 */
export function renderLines(node, lines, options = {}) {
  const open = new Set([...node.querySelectorAll("details[open]")].map((one) => one.closest("li").dataset.key));
  const items = lines.map((line, at) => item(line, at, options, open));
  const list = element("ol", { class: options.wrapLogMessage === false ? "lines unwrapped" : "lines" }, items);
  node.replaceChildren(list);
  return list;
}

function item(line, at, options, open) {
  const level = LEVELS[line.level?.toLowerCase()] ?? "unknown";
  const key = `line ${line.time} ${at}`;
  const head = [
    options.showTime === false ? null : element("time", { datetime: new Date(milliseconds(line.time)).toISOString() }, lineTime(line.time)),
    element("span", { class: "level" }, line.level || "–"),
    element("span", { class: "line-text" }, options.prettifyLogMessage ? pretty(line.text) : line.text),
    options.showLabels ? element("span", { class: "muted line-labels" }, labelText(line.labels)) : null,
  ];
  const body = options.enableLogDetails === false ? element("div", { class: "line-head" }, head) : expandable(line, head, open.has(key), key);
  const trace = line.url ? link({ title: "Trace", url: line.url }, { class: "line-trace", "aria-label": `Trace of the line at ${lineTime(line.time)}` }) : null;
  return element("li", { class: `line ${level}`, "data-key": key }, body, trace);
}

/** Details are built when they are opened: a thousand closed lines stay cheap. */
function expandable(line, head, open, key) {
  const node = element("details", {}, element("summary", { class: "line-head", "data-key": `${key} head` }, head));
  const build = () => {
    if (node.open && node.children.length === 1) node.append(details(line));
  };
  node.addEventListener("toggle", build);
  if (open) {
    node.open = true;
    build();
  }
  return node;
}

function details(line) {
  const known = [["Labels", line.labels], ["Metadata", line.metadata]].filter(([, fields]) => Object.keys(fields ?? {}).length);
  const lists = known.map(([title, fields]) => [element("p", { class: "label" }, title), fieldList(fields)]);
  const trace = line.url ? element("p", {}, link({ title: `Open trace ${line.trace_id}`, url: line.url })) : null;
  const time = element("p", { class: "muted" }, `${line.time} ns since 1970`);
  return element("div", { class: "line-details" }, lists.flat(), trace, time);
}

function fieldList(fields) {
  const sorted = Object.entries(fields).sort(([one], [other]) => one.localeCompare(other));
  return element("dl", {}, sorted.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, String(value))]));
}

function labelText(labels) {
  return Object.entries(labels ?? {}).map(([name, value]) => `${name}=${value}`).join(" ");
}

function pretty(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" ? JSON.stringify(value, null, 2) : text;
  } catch {
    return text;
  }
}

function milliseconds(ns) {
  return Number(BigInt(ns) / 1_000_000n);
}

function lineTime(ns) {
  const ms = milliseconds(ns);
  return `${isoTime(ms)}.${String(ms % 1000).padStart(3, "0")}`;
}
