// Markdown that the server rendered, its own markup and none of the author's.

import { element } from "../dom.js";

export function draw(view) {
  const body = element("div", { class: "prose", tabindex: "0", role: "region", "aria-label": view.panel.title || "Text" });
  body.innerHTML = view.panel.html ?? "";
  view.element.replaceChildren(body);
}
