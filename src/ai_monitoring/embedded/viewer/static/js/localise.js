// Times in the zone of whoever looks: the server writes UTC into <time datetime data-local>.
import { isoTime } from "./time.js";

/** Rewrites every marked time within `root`. */
export function localise(root) {
  for (const element of root.querySelectorAll("time[data-local]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    element.title = element.dateTime;
    element.textContent = isoTime(at.getTime(), element.dataset.local === "ms");
  }
}

localise(document);
