// One number of a series: what legends add behind a name.

const CALCS = {
  last: ["Last", (all) => all.at(-1) ?? null],
  lastNotNull: ["Last", (_, known) => known.at(-1) ?? null],
  first: ["First", (all) => all[0] ?? null],
  firstNotNull: ["First", (_, known) => known[0] ?? null],
  min: ["Min", (_, known) => (known.length ? known.reduce((a, b) => Math.min(a, b)) : null)],
  max: ["Max", (_, known) => (known.length ? known.reduce((a, b) => Math.max(a, b)) : null)],
  mean: ["Mean", (_, known) => (known.length ? sum(known) / known.length : null)],
  median: ["Median", (_, known) => median(known)],
  sum: ["Total", (_, known) => (known.length ? sum(known) : null)],
  count: ["Count", (all) => all.length],
  range: ["Range", (_, known) => (known.length ? CALCS.max[1](null, known) - CALCS.min[1](null, known) : null)],
  delta: ["Delta", (_, known) => (known.length ? known.at(-1) - known[0] : null)],
  diff: ["Difference", (_, known) => (known.length ? known.at(-1) - known[0] : null)],
};

/** `{name, value}` of one of Grafana's calculations over `[[time, value|null], …]`; null when it is not known here. */
export function calculated(calc, points) {
  if (!Object.hasOwn(CALCS, calc)) return null;
  const [name, reduce] = CALCS[calc];
  const all = points.map((point) => point[1]);
  return { name, value: reduce(all, all.filter((value) => value !== null)) };
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (!sorted.length) return null;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
