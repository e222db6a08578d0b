// The list of boards by folder, with a filter.

import { ask } from "./board/requests.js";
import { element, firstParagraph } from "./dom.js";

const list = document.querySelector("[data-part=list]");
const failure = document.querySelector("[data-part=failure]");
const filter = document.querySelector("[data-part=filter]");

function show(boards, words) {
  const found = boards.filter(({ title, folder, description }) => `${title} ${folder} ${description}`.toLowerCase().includes(words));
  const nodes = [...grouped(found)].map(([folder, own]) => section(folder || "Boards", own));
  list.replaceChildren(...(nodes.length ? nodes : [element("p", { class: "empty" }, boards.length ? "No board fits these words." : "There are no boards. They are read from grafana/dashboards.")]));
}

function grouped(boards) {
  const folders = new Map();
  for (const board of boards) folders.set(board.folder, [...(folders.get(board.folder) ?? []), board]);
  return folders;
}

function section(folder, boards) {
  const cards = boards.map(({ title, description, url, error }) => {
    const name = error ? title : element("a", { href: url }, title);
    const words = error ? element("p", { class: "field-error" }, `⚠ ${error}`) : element("p", { class: "muted" }, firstParagraph(description));
    return element("li", { class: "card" }, element("h3", {}, name), words);
  });
  return element("section", { "aria-label": folder }, element("h2", {}, folder), element("ul", { class: "board-list" }, cards));
}

async function start() {
  try {
    const boards = await ask("/api/boards");
    filter.addEventListener("input", () => show(boards, filter.value.trim().toLowerCase()));
    show(boards, "");
  } catch (error) {
    failure.textContent = error.message;
    failure.hidden = false;
  }
}

start();
