// Values as people read them: the units that Grafana's panels name, with its rules of decimals.

import { isoTime, sameDay, sinceNow } from "./time.js";

const SI = ["f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y"];
const IEC = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];
const COUNTS = ["", "K", "M", "B", "T"];
const SHORT = ["", " K", " Mil", " Bil", " Tri", " Quadr", " Quint", " Sext", " Sept"];
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;
const WEEK = 7 * DAY;
const YEAR = 365 * DAY;
const DURATIONS = [
  [1e-6, 1e-9, " ns"],
  [1e-3, 1e-6, " µs"],
  [1, 1e-3, " ms"],
  [MINUTE, 1, " s"],
  [HOUR, MINUTE, " mins"],
  [DAY, HOUR, " hours"],
  [WEEK, DAY, " days"],
  [YEAR, WEEK, " weeks"],
  [Infinity, YEAR, " years"],
];

/** The value with its unit, such as `1.50 KiB`. `decimals` may be null: three digits that say something. */
export function format(value, unit, decimals = null) {
  const { prefix = "", text, suffix = "" } = parts(value, unit, decimals);
  return prefix + text + suffix;
}

/** The same in pieces, `{prefix, text, suffix}`, for those who draw the unit smaller. */
export function parts(value, unit, decimals = null) {
  if (value === null || value === undefined) return { text: "–" };
  if (typeof value !== "number") return { text: String(value) };
  if (Number.isNaN(value)) return { text: "NaN" };
  if (!Number.isFinite(value)) return { text: value > 0 ? "+∞" : "−∞" };
  return formatter(unit || "none")(value, decimals);
}

/** `value` with so many decimals; without a number of them, as many as keep three digits. */
export function fixed(value, decimals = null) {
  const places = decimals ?? decimalsOf(value);
  const factor = 10 ** Math.max(0, places);
  const rounded = Math.round(value * factor) / factor;
  if (Math.abs(rounded) >= 1e21 || (rounded !== 0 && Math.abs(rounded) < 1e-6)) return String(rounded);
  return rounded.toFixed(Math.max(0, places));
}

function decimalsOf(value) {
  if (value === 0 || value % 1 === 0) return 0;
  const size = Math.floor(Math.log10(Math.abs(value)));
  const digits = Math.abs(value) * 10 ** (1 - size) > 2.25 ? 2 - size : 1 - size;
  return Math.max(0, digits);
}

function scaled(factor, suffixes, offset = 0) {
  return (value, decimals) => {
    const size = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)) / Math.log10(factor) + 1e-12);
    const power = Math.min(Math.max(size, -offset), suffixes.length - offset - 1);
    return { text: fixed(value / factor ** power, decimals), suffix: suffixes[offset + power] };
  };
}

const plain = (unit) => (value, decimals) => ({ text: fixed(value, decimals), suffix: unit ? ` ${unit}` : "" });
const si = (unit, steps = 0) => scaled(1000, SI.map((prefix) => ` ${prefix}${unit}`), SI.indexOf("") + steps);
const iec = (unit, steps = 0) => scaled(1024, IEC.map((prefix) => ` ${prefix}${unit}`), steps);
const count = (unit) => scaled(1000, COUNTS.map((prefix) => `${prefix} ${unit}`));
const percent = (factor) => (value, decimals) => ({ text: fixed(value * factor, decimals), suffix: "%" });
const truth = (yes, no) => (value) => ({ text: value ? yes : no });

function currency(symbol, after = false) {
  const scale = scaled(1000, COUNTS);
  return (value, decimals) => {
    const { text, suffix } = scale(Math.abs(value), decimals);
    const sign = value < 0 ? "-" : "";
    return after ? { prefix: sign, text, suffix: `${suffix} ${symbol}` } : { prefix: sign + symbol, text, suffix };
  };
}

function duration(seconds) {
  return (value, decimals) => {
    if (value === 0) return { text: fixed(0, decimals), suffix: { 1e-9: " ns", 1e-6: " µs", 1e-3: " ms" }[seconds] ?? " s" };
    const size = Math.abs(value * seconds);
    const [, divisor, suffix] = DURATIONS.find(([below]) => size < below * (1 - 1e-12));
    return { text: fixed((value * seconds) / divisor, decimals), suffix };
  };
}

/** As `1:02:03`. */
function clock(seconds) {
  return (value) => {
    const whole = Math.round(Math.abs(value) * seconds);
    const pieces = [Math.floor(whole / HOUR), Math.floor((whole % HOUR) / MINUTE), whole % MINUTE];
    return { prefix: value < 0 ? "-" : "", text: pieces.map((piece) => String(piece).padStart(2, "0")).join(":") };
  };
}

const timeOfToday = (value) => ({ text: sameDay(value, Date.now()) ? isoTime(value).slice(11) : isoTime(value) });

const FORMATS = {
  none: plain(""),
  short: scaled(1000, SHORT),
  string: (value) => ({ text: String(value) }),
  sishort: si(""),
  locale: (value, decimals) => ({ text: value.toLocaleString("en", { maximumFractionDigits: decimals ?? 3 }) }),
  sci: (value, decimals) => ({ text: value.toExponential(decimals ?? 3) }),
  percent: percent(1),
  percentunit: percent(100),
  bool: truth("True", "False"),
  bool_yes_no: truth("Yes", "No"),
  bool_on_off: truth("On", "Off"),
  ns: duration(1e-9),
  µs: duration(1e-6),
  ms: duration(1e-3),
  s: duration(1),
  m: duration(MINUTE),
  h: duration(HOUR),
  d: duration(DAY),
  dtdurations: duration(1),
  dtdurationms: duration(1e-3),
  dthms: clock(1),
  clocks: clock(1),
  clockms: clock(1e-3),
  bits: iec("b"),
  bytes: iec("B"),
  kbytes: iec("B", 1),
  mbytes: iec("B", 2),
  gbytes: iec("B", 3),
  decbits: si("b"),
  decbytes: si("B"),
  deckbytes: si("B", 1),
  decmbytes: si("B", 2),
  decgbytes: si("B", 3),
  binBps: iec("B/s"),
  binbps: iec("b/s"),
  Bps: si("B/s"),
  bps: si("b/s"),
  KBs: si("B/s", 1),
  MBs: si("B/s", 2),
  pps: si("p/s"),
  hertz: si("Hz"),
  mhertz: si("Hz", 2),
  watt: si("W"),
  kwatt: si("W", 1),
  watth: si("Wh"),
  kwatth: si("Wh", 1),
  joule: si("J"),
  volt: si("V"),
  amp: si("A"),
  flops: si("FLOP/s"),
  celsius: plain("°C"),
  fahrenheit: plain("°F"),
  kelvin: plain("K"),
  humidity: plain("%H"),
  pixel: plain("px"),
  degree: plain("°"),
  rotrpm: plain("rpm"),
  reqps: count("req/s"),
  reqpm: count("req/m"),
  ops: count("ops/s"),
  opm: count("ops/m"),
  cps: count("c/s"),
  cpm: count("c/m"),
  rps: count("rd/s"),
  wps: count("wr/s"),
  iops: count("io/s"),
  eps: count("evt/s"),
  mps: count("msg/s"),
  recps: count("rec/s"),
  rowsps: count("rows/s"),
  currencyUSD: currency("$"),
  currencyEUR: currency("€"),
  currencyGBP: currency("£"),
  currencyJPY: currency("¥"),
  currencyCHF: currency("CHF", true),
  currencySEK: currency("kr", true),
  currencyDKK: currency("kr", true),
  currencyNOK: currency("kr", true),
  dateTimeAsIso: (value) => ({ text: isoTime(value) }),
  dateTimeAsIsoNoDateIfToday: timeOfToday,
  dateTimeAsLocal: (value) => ({ text: isoTime(value) }),
  dateTimeFromNow: (value) => ({ text: sinceNow(value) }),
};

const PREFIXED = {
  prefix: (unit) => (value, decimals) => ({ prefix: unit, text: fixed(value, decimals) }),
  suffix: plain,
  currency: (unit) => currency(unit),
  count,
  si: (unit) => si(unit),
  time: () => (value) => ({ text: isoTime(value) }),
  bool: (words) => truth(...(words.includes("/") ? words.split("/", 2) : [words, "-"])),
};

function formatter(unit) {
  if (Object.hasOwn(FORMATS, unit)) return FORMATS[unit];
  const colon = unit.indexOf(":");
  const kind = colon > 0 ? unit.slice(0, colon) : "";
  return Object.hasOwn(PREFIXED, kind) ? PREFIXED[kind](unit.slice(colon + 1)) : plain(unit);
}
