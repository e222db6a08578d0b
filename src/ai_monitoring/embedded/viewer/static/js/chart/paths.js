// The shapes of a series as SVG path data; pixels with one decimal, which no eye tells from more.

const px = (number) => Math.round(number * 10) / 10;

/** Lines through runs of `[time, low, high]`; `stepAfter` and `stepBefore` hold a value until or from its time. */
export function linePath(runs, x, y, interpolation = "linear") {
  const next = JOINS[interpolation] ?? JOINS.linear;
  return runs
    .map(([[time, , high], ...rest]) => {
      const start = `M${px(x(time))} ${px(y(high))}`;
      return start + rest.map((point) => next(px(x(point[0])), px(y(point[2])))).join("");
    })
    .join("");
}

const JOINS = {
  linear: (x, y) => `L${x} ${y}`,
  stepAfter: (x, y) => `H${x}V${y}`,
  stepBefore: (x, y) => `V${y}H${x}`,
};

/** The area between a series and what it stands on. */
export function areaPath(runs, x, y) {
  return runs
    .map((run) => {
      const upper = run.map(([time, , high]) => `${px(x(time))} ${px(y(high))}`);
      const lower = run.map(([time, low]) => `${px(x(time))} ${px(y(low))}`).reverse();
      return `M${upper.join("L")}L${lower.join("L")}Z`;
    })
    .join("");
}

/** Bars `width` pixels wide, each around its time. */
export function barPath(points, x, y, width) {
  return points
    .filter(([, low, high]) => high !== null && high !== low)
    .map(([time, low, high]) => `M${px(x(time) - width / 2)} ${px(y(high))}h${px(width)}V${px(y(low))}h${px(-width)}Z`)
    .join("");
}

/** Discs of radius `r` at points. */
export function pointPath(points, x, y, r) {
  return points
    .filter((point) => point[2] !== null)
    .map(([time, , high]) => `M${px(x(time) - r)} ${px(y(high))}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`)
    .join("");
}

/** A piece of a ring around (cx, cy), angles in radians clockwise from the top. */
export function ringPath(cx, cy, inner, outer, start, end) {
  const stop = Math.min(end, start + 2 * Math.PI - 1e-4); // a whole turn would end where it starts, and show nothing
  const large = stop - start > Math.PI ? 1 : 0;
  const at = (radius, angle) => `${px(cx + radius * Math.sin(angle))} ${px(cy - radius * Math.cos(angle))}`;
  return (
    `M${at(outer, start)}A${outer} ${outer} 0 ${large} 1 ${at(outer, stop)}` +
    `L${at(inner, stop)}A${inner} ${inner} 0 ${large} 0 ${at(inner, start)}Z`
  );
}
