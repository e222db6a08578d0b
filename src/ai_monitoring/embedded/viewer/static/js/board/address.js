// What the page's address says: range, variables, refresh, the one panel. Shared links and the back button live on it.

import { zone } from "../time.js";

const VARIABLE = "var-";

/** `{from, to, refresh, panel, variables}`; what the address leaves to the board is null. */
export function read(search = location.search) {
  const query = new URLSearchParams(search);
  const variables = new Map();
  for (const name of new Set(query.keys())) {
    if (name.startsWith(VARIABLE)) variables.set(name.slice(VARIABLE.length), query.getAll(name));
  }
  const panel = /(\d+)$/.exec(query.get("viewPanel") ?? "");
  return { from: query.get("from"), to: query.get("to"), refresh: query.get("refresh"), panel: panel ? Number(panel[1]) : null, variables };
}

/** The query with `changes` made to it; a change to null removes. Keys are those of the address, such as `var-model`. */
export function changed(changes, search = location.search) {
  const query = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    query.delete(name);
    for (const one of value === null ? [] : [value].flat()) query.append(name, one);
  }
  const text = query.toString();
  return text ? `?${text}` : "";
}

/** What the server is asked with: range, variables and the reader's time zone. */
export function asked(search = location.search) {
  const query = new URLSearchParams(search);
  for (const name of [...query.keys()]) {
    if (name !== "from" && name !== "to" && !name.startsWith(VARIABLE)) query.delete(name);
  }
  query.set("timezone", zone());
  return query;
}

/** The board's uid from `/d/<uid>` or `/d/<uid>/<any words>`. */
export function uidOf(path = location.pathname) {
  return decodeURIComponent(path.split("/")[2] ?? "");
}
