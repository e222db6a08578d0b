// Times in the zone of the person who looks, in ISO's order: nobody has to guess which number is the month.

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const UNITS = { s: "second", m: "minute", h: "hour", d: "day", w: "week", M: "month", y: "year" };
const two = (number) => String(number).padStart(2, "0");

/** `2026-11-26 16:32:41`, of milliseconds since 1970; with `fine`, the milliseconds too. */
export function isoTime(ms, fine = false) {
  const rest = fine ? `.${String(ms % 1000).padStart(3, "0")}` : "";
  return `${isoDate(ms)} ${clockTime(ms)}${rest}`;
}

export function isoDate(ms) {
  const date = new Date(ms);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function clockTime(ms) {
  const date = new Date(ms);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `26 Nov`. */
export function dayAndMonth(ms) {
  const date = new Date(ms);
  return `${date.getDate()} ${MONTHS[date.getMonth()]}`;
}

export function sameDay(one, other) {
  return isoDate(one) === isoDate(other);
}

/** `5 minutes ago`, `in 2 hours`. */
export function sinceNow(ms, now = Date.now()) {
  const units = [["day", DAY], ["hour", HOUR], ["minute", MINUTE], ["second", SECOND]];
  const [unit, size] = units.find(([, length]) => Math.abs(ms - now) >= length) ?? units[3];
  return new Intl.RelativeTimeFormat("en").format(Math.trunc((ms - now) / size), unit);
}

/** A range in words, as the button of the range says it: `Last 6 hours`, or both ends. */
export function rangeText(from, to) {
  const relative = /^now-(\d+)([smhdwMy])$/.exec(from);
  if (relative && to === "now") {
    const [, count, unit] = relative;
    return count === "1" ? `Last ${UNITS[unit]}` : `Last ${count} ${UNITS[unit]}s`;
  }
  return `${endText(from)} to ${endText(to)}`;
}

function endText(end) {
  return /^\d+$/.test(end) ? isoTime(Number(end)).slice(0, 16) : String(end);
}

/** The zone's name, such as `Europe/Berlin`; `UTC` where the browser does not tell. */
export function zone() {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";
}

/** What `<input type="datetime-local">` holds. */
export function inputTime(ms) {
  return `${isoDate(ms)}T${clockTime(ms)}`;
}
