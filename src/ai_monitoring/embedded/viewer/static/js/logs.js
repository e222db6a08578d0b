// Lines of logs, in the markup of templates/explore.html: time, level as a word, text, and behind it what else is known.

import { element, link } from "./dom.js";
import { isoTime } from "./time.js";

/**
 * Draws `lines` (`{time: ns as a string, text, level, severity, labels, metadata, parsed, trace_id, url}`) into `node`.
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
  const key = `line ${line.time} ${at}`;
  const head = [
    options.showTime === false ? null : element("time", { datetime: new Date(milliseconds(line.time)).toISOString() }, lineTime(line.time)),
    element("span", { class: "level" }, line.level || "–"),
    element("span", { class: "line-text" }, options.prettifyLogMessage ? pretty(line.text) : line.text),
    options.showLabels ? element("span", { class: "muted line-labels" }, labelText(line.labels)) : null,
  ];
  const body = options.enableLogDetails === false ? element("div", { class: "line-head" }, head) : expandable(line, head, open.has(key), key);
  const trace = line.url ? link({ title: "Trace", url: line.url }, { class: "line-trace", "aria-label": `Trace of the line at ${lineTime(line.time)}` }) : null;
  return element("li", { class: `line level-${line.severity}`, "data-key": key }, body, trace);
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
  const known = [["Labels", line.labels], ["Metadata", line.metadata], ["Parsed", line.parsed]].filter(([, fields]) => Object.keys(fields ?? {}).length);
  const lists = known.map(([title, fields]) => [element("h4", {}, title), fieldList(fields)]);
  const trace = line.url ? element("p", {}, link({ title: `Open trace ${line.trace_id}`, url: line.url })) : null;
  const time = element("p", { class: "muted" }, `${line.time} ns since 1970`);
  return element("div", { class: "line-details" }, lists.flat(), trace, time);
}

function fieldList(fields) {
  const sorted = Object.entries(fields).sort(([one], [other]) => one.localeCompare(other));
  return element("dl", { class: "pairs" }, sorted.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, String(value)))));
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
  return isoTime(milliseconds(ns), true);
}
