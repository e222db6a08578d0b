// Moments that a board marks on its charts over time, such as deployments.

const GAP = 3;

/** Where each moment within the range stands, and its name: `start` is null where the one before leaves no room for it. */
export function marked(marks, { plot, x, from, to }, letter) {
  let free = 0;
  return marks.filter(({ time }) => time >= from && time <= to).map(({ time, title, text }) => {
    const left = x(time);
    const name = [title, text].filter(Boolean).join(", ");
    const width = name.length * letter;
    const start = left + GAP + width <= plot.width ? left + GAP : left - GAP - width;
    if (start < free) return { left, name, start: null };
    free = Math.max(start + width + GAP, left);
    return { left, name, start };
  });
}
