// Elements without markup: what comes from outside is always text, and geometry is set where CSP allows it.

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element. `attributes` may hold `class`, `style` (an object), `on` (listeners) and any attribute's name. */
export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** An SVG element, as `element`. */
export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

/** A picture that the text beside it explains; `path` is drawn in a box of 16 by 16. */
export function icon(path) {
  return svg("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: path }));
}

export function hiddenText(text) {
  return element("span", { class: "visually-hidden" }, text);
}

/** A link of a board, a panel or a series: `{title, url, new_tab}`. Other schemes than http(s) lead nowhere. */
export function link({ title, url, new_tab: newTab }, attributes = {}) {
  const target = newTab ? { target: "_blank", rel: "noopener" } : {};
  return element("a", { href: safe(url), ...target, ...attributes }, title || url);
}

export function safe(url) {
  try {
    return ["http:", "https:"].includes(new URL(url, location.href).protocol) ? url : "#";
  } catch {
    return "#";
  }
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) set(node, name, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function set(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
  else if (name === "style") for (const [property, text] of Object.entries(value)) node.style.setProperty(property, text);
  else node.setAttribute(name, value === true ? "" : value);
}
