// Explore's form: times in the zone of whoever looks, and Ctrl+Enter in the query.
import { isoTime } from "./time.js";

const form = document.getElementById("ask");
const times = [...form.querySelectorAll("input[data-time]")];

/** `2026-11-26 10:00` as milliseconds since 1970 in this browser's zone; what the server understands itself stays. */
function toServer(text) {
  const trimmed = text.trim();
  if (/^(now|\d+$)/.test(trimmed)) return trimmed;
  const at = Date.parse(trimmed.replace(" ", "T"));
  return Number.isNaN(at) ? trimmed : String(at);
}

function show() {
  for (const input of times) {
    if (/^\d+$/.test(input.value)) input.value = isoTime(Number(input.value));
  }
}

form.addEventListener("formdata", (event) => {
  for (const input of times) event.formData.set(input.name, toServer(input.value));
  // What is not asked for stays out of the address.
  for (const [name, value] of [...event.formData]) {
    if (value === "") event.formData.delete(name);
  }
});

form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});

show();

/** The bars' tooltips in this browser's zone. */
function localiseBars() {
  for (const bar of document.querySelectorAll("g[data-time]")) {
    const title = bar.querySelector("title");
    title.textContent = title.textContent.replace(/\d{4}-\d\d-\d\d [\d:]+ UTC/, isoTime(Date.parse(bar.dataset.time)));
  }
}

/** A click on a bar looks closer; whoever has no mouse writes the range into the fields. */
document.addEventListener("click", (event) => {
  const bar = event.target.closest?.("g[data-time]");
  if (!bar) return;
  const end = Date.parse(bar.dataset.time);
  const address = new URL(location.href);
  address.searchParams.set("from", String(end - Number(bar.ownerSVGElement.dataset.step) * 1000));
  address.searchParams.set("to", String(end));
  location.assign(address);
});

localiseBars();
document.addEventListener("live", localiseBars);
