// Times in the zone of whoever looks: the server writes UTC into <time datetime data-local>.
const two = (number) => String(number).padStart(2, "0");

/** A moment in milliseconds since 1970 as `2026-11-26 10:00:00`, in this browser's zone. */
export function localTime(ms) {
  const at = new Date(ms);
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-");
  return `${day} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":")}`;
}

/** Rewrites every marked time within `root`. */
export function localise(root) {
  for (const element of root.querySelectorAll("time[data-local]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const milliseconds = element.dataset.local === "ms" ? `.${String(at.getMilliseconds()).padStart(3, "0")}` : "";
    element.title = element.dateTime;
    element.textContent = localTime(at.getTime()) + milliseconds;
  }
}

localise(document);
