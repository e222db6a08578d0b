// A button and what it opens, by the browser's own popover: Escape and a click elsewhere close it, focus returns.

import { element } from "../dom.js";

let count = 0;

/**
 * A button that opens `fill()`, asked anew at each opening. `closed()` is called after each closing.
 * `attributes` are the button's.
 */
export function popover(attributes, label, fill, closed = () => {}) {
  count += 1;
  const id = `popover-${count}`;
  const box = element("div", { id, class: "popover", popover: "auto" });
  const button = element("button", { type: "button", popovertarget: id, "aria-expanded": "false", ...attributes }, label);
  box.addEventListener("beforetoggle", (event) => {
    if (event.newState === "open") box.replaceChildren(...[fill(() => box.hidePopover())].flat());
  });
  box.addEventListener("toggle", (event) => {
    const open = event.newState === "open";
    button.setAttribute("aria-expanded", String(open));
    if (open) place(box, button);
    else closed();
  });
  return element("span", { class: "popover-place" }, button, box);
}

function place(box, button) {
  const at = button.getBoundingClientRect();
  const { width, height } = box.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - width - 8));
  const below = at.bottom + 4;
  const top = below + height > innerHeight ? Math.max(8, Math.min(below, innerHeight - height - 8)) : below;
  box.style.setProperty("left", `${left}px`);
  box.style.setProperty("top", `${top}px`);
}
