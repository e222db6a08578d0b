// Series on each other's shoulders, and the place of a time among points.

/**
 * For each series its points as `[time, low, high]`, `high` null where there is none.
 * Series of one stack stand on those before them; what is below zero hangs from those before it.
 */
export function stacked(series) {
  const heights = new Map();
  return shares(series).map(({ points, style }) => {
    if (!style.stack) return points.map(([time, value]) => [time, 0, value]);
    const group = grown(heights, style.stack);
    return points.map(([time, value]) => lifted(group, time, value));
  });
}

/** The series with those of percent stacks as shares of what their stack holds at each time, from 0 to 1. */
function shares(series) {
  const totals = new Map();
  const key = (style, time) => `${style.stack} ${time}`;
  const percent = ({ style }) => style.stack && style.stack_mode === "percent";
  for (const { style, points } of series.filter(percent)) {
    for (const [time, value] of points) totals.set(key(style, time), (totals.get(key(style, time)) ?? 0) + Math.abs(value));
  }
  const share = (style) => ([time, value]) => [time, value === null ? null : value / (totals.get(key(style, time)) || 1)];
  return series.map((one) => (percent(one) ? { ...one, points: one.points.map(share(one.style)) } : one));
}

function grown(heights, group) {
  if (!heights.has(group)) heights.set(group, { up: new Map(), down: new Map() });
  return heights.get(group);
}

function lifted(group, time, value) {
  const side = value < 0 ? group.down : group.up;
  const low = side.get(time) ?? 0;
  if (value === null) return [time, low, null];
  side.set(time, low + value);
  return [time, low, low + value];
}

/** Runs of points without a gap. `span` joins over nulls: true always, a number up to that many milliseconds. */
export function runs(points, span = false) {
  const result = [];
  let run = [];
  let last = null;
  for (const point of points) {
    if (point.at(-1) === null) continue;
    if (run.length && broken(points, last, point, span)) {
      result.push(run);
      run = [];
    }
    run.push(point);
    last = point;
  }
  if (run.length) result.push(run);
  return result;
}

function broken(points, last, point, span) {
  if (span === true) return false;
  if (typeof span === "number") return point[0] - last[0] > span;
  return points[indexOf(points, last[0]) + 1] !== point;
}

/** The index of the point nearest to `time`; points are in the order of time. -1 without points. */
export function nearest(points, time) {
  const after = indexOf(points, time);
  if (after <= 0) return points.length ? 0 : -1;
  if (after >= points.length) return points.length - 1;
  return time - points[after - 1][0] <= points[after][0] - time ? after - 1 : after;
}

/** The index of the first point at `time` or later. */
function indexOf(points, time) {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle][0] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
