// From values to pixels, and the round numbers between.

import { clockTime, DAY, dayAndMonth, HOUR, MINUTE, SECOND } from "../time.js";

const STEPS = [1, 2, 5, 10, 15, 30]
  .map((n) => n * SECOND)
  .concat([1, 2, 5, 10, 15, 30].map((n) => n * MINUTE), [1, 2, 3, 6, 12].map((n) => n * HOUR), [1, 2, 7, 14, 30, 90, 365].map((n) => n * DAY));

/** A function that leads `[low, high]` onto `[start, end]`; one value alone lies in the middle. */
export function linear([low, high], [start, end]) {
  if (high === low) return () => (start + end) / 2;
  const slope = (end - start) / (high - low);
  return (value) => start + (value - low) * slope;
}

/** About `count` round numbers within the domain; powers of two times them when `base` is 1024. */
export function ticks([low, high], count, base = 10) {
  const step = roundStep((high - low) / Math.max(1, count), base);
  if (!(step > 0)) return [low];
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

/** The smallest of 1, 2, 5 times a power of ten (or of 1, 2, 4, … for bytes) that is at least `rough`. */
export function roundStep(rough, base = 10) {
  if (base === 1024 && rough >= 1) return 2 ** Math.ceil(Math.log2(rough));
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((step) => step >= rough * (1 - 1e-9));
}

/** What the axis spans: the values, zero where it is near or a bar stands on it, and air above. */
export function domain(values, { min = null, max = null, zero = false } = {}) {
  let [low, high] = extent(values);
  if (zero || (low > 0 && low < high / 2)) low = Math.min(low, 0);
  if (zero) high = Math.max(high, 0);
  const air = high === low ? Math.abs(high) / 2 || 1 : (high - low) * 0.06;
  const result = [min ?? (low === 0 ? 0 : low - air), max ?? high + air];
  if (low >= 0 && min === null) result[0] = Math.max(0, result[0]);
  return result[0] < result[1] ? result : [result[0], result[0] + 1];
}

export function extent(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low > high ? [0, 1] : [low, high];
}

/** About `count` times at round hours and days of the local zone, `[{time, text}]`. */
export function timeTicks(from, to, count) {
  const step = STEPS.find((length) => (to - from) / length <= count) ?? STEPS.at(-1);
  const shift = -new Date(from).getTimezoneOffset() * MINUTE;
  const first = Math.ceil((from + shift) / step) * step - shift;
  const times = Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, at) => first + at * step);
  return times.map((time) => ({ time, text: tickText(time, step) }));
}

function tickText(time, step) {
  const clock = clockTime(time);
  if (step >= DAY || clock === "00:00:00") return dayAndMonth(time);
  return step >= MINUTE ? clock.slice(0, 5) : clock;
}
