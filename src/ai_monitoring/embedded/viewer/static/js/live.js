// Keeps the part of a page that says [data-live="seconds"] up to date: the page is asked for again and that part
// replaced, so the server renders it in one way only. What was open stays open, what had the focus keeps it.
import { localise } from "./localise.js";

const KEY = "updates-paused";
const region = document.querySelector("[data-live]");
const controls = document.querySelector("[data-live-controls]");
let timer = 0;
let asking = null;
// A page whose updates somebody asks for, such as the tail of a log, says data-live-start="paused".
let paused = region?.dataset.liveStart === "paused" || sessionStorage.getItem(KEY) === location.pathname;

function remembered() {
  const open = [...region.querySelectorAll("details[open][data-key]")].map((details) => details.dataset.key);
  return { open: new Set(open), focus: document.activeElement?.id };
}

function restore({ open, focus }) {
  for (const details of region.querySelectorAll("details[data-key]")) details.open = open.has(details.dataset.key);
  if (focus && document.activeElement === document.body) document.getElementById(focus)?.focus({ preventScroll: true });
}

// Somebody who reads by keyboard or marks text is not interrupted.
function inUse() {
  const active = document.activeElement;
  return (region.contains(active) && !active.id) || !(getSelection()?.isCollapsed ?? true);
}

async function update() {
  asking = new AbortController();
  try {
    const answer = await fetch(location.href, { signal: asking.signal, headers: { Accept: "text/html" } });
    if (answer.redirected) return location.reload(); // to the login
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-live]");
    if (!answer.ok || !fresh) throw new Error(`answered ${answer.status}`);
    if (paused) return undefined;
    if (inUse()) return tell("", "Held while you are in it");
    const before = remembered();
    localise(fresh);
    region.replaceChildren(...document.adoptNode(fresh).childNodes);
    restore(before);
    document.dispatchEvent(new CustomEvent("live"));
    tell("");
  } catch (error) {
    if (error.name !== "AbortError") tell("The viewer does not answer; what you see is old.");
  }
  return undefined;
}

async function loop() {
  if (!document.hidden) await update();
  schedule();
}

function schedule() {
  clearTimeout(timer);
  if (!paused) timer = setTimeout(loop, Number(region.dataset.live) * 1000);
}

const button = document.createElement("button");
const status = document.createElement("span");

function tell(trouble, calm = paused ? (region.dataset.liveStart ? "" : "Paused") : `Every ${region.dataset.live} s`) {
  status.textContent = trouble || calm;
  status.className = trouble ? "small badge critical" : "small muted";
}

function label() {
  button.textContent = paused ? (region.dataset.liveResume ?? "Resume updates") : (region.dataset.livePause ?? "Pause updates");
  tell("");
}

function toggle() {
  paused = !paused;
  asking?.abort();
  sessionStorage.setItem(KEY, paused ? location.pathname : "");
  label();
  if (paused) clearTimeout(timer);
  else loop();
}

if (region && controls) {
  button.type = "button";
  button.className = "small";
  button.addEventListener("click", toggle);
  status.setAttribute("role", "status");
  controls.append(status, " ", button);
  label();
  schedule();
}
