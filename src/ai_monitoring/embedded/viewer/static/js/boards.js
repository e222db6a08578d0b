// The list of boards: a filter over what the server wrote.

const filter = document.querySelector("[data-part=filter]");
const none = document.querySelector("[data-part=none]");

function show() {
  const words = filter.value.trim().toLowerCase();
  for (const folder of document.querySelectorAll("[data-folder]")) {
    const boards = [...folder.querySelectorAll("li")];
    for (const board of boards) board.hidden = !`${board.textContent} ${folder.dataset.folder}`.toLowerCase().includes(words);
    folder.hidden = boards.every(({ hidden }) => hidden);
  }
  none.hidden = document.querySelector("[data-folder]:not([hidden])") !== null;
}

filter.hidden = false;
filter.addEventListener("input", show);
