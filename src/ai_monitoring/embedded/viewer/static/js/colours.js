// Colours that stay visible: what a board names is moved towards dark or light until it stands out from the surface.

const SURFACES = { light: [255, 255, 255], dark: [23, 28, 35] };
const PALETTE = 8;

/** The theme that is shown, `light` or `dark`, by whoever chose it. */
export function theme() {
  return getComputedStyle(document.documentElement).colorScheme.startsWith("dark") ? "dark" : "light";
}

/** The colour of the n-th series, from 0: the house's eight, then the same again, quieter. */
export function palette(index) {
  const colour = `var(--series-${(index % PALETTE) + 1})`;
  return index < PALETTE ? colour : `color-mix(in oklab, ${colour} 62%, var(--text))`;
}

/** A board's colour for lines and areas, at least 3:1 against the surface in either theme. */
export function graphic(colour, index = 0) {
  if (colour === "currentColor") return palette(0); // Grafana's `text`: no meaning, so no need to shout in black or white
  return colour ? visible(colour, 3) : palette(index);
}

/**
 * What to paint series of these colours with, so that no two beside each other look alike: who comes second to a colour
 * gets a free one of the house's, as does who has none. `house` are the palette's colours as the theme has them.
 */
export function distinct(colours, house = houseColours()) {
  const used = [];
  return colours.map((colour, index) => {
    const rgb = channels(colour);
    const taken = (one) => used.some((other) => alike(one, other));
    if (colour && !(rgb && taken(rgb))) {
      if (rgb) used.push(rgb);
      return graphic(colour);
    }
    const free = house.findIndex((one) => one && !taken(one));
    if (free >= 0) used.push(house[free]);
    return palette(free >= 0 ? free : index);
  });
}

function houseColours() {
  const style = getComputedStyle(document.documentElement);
  return Array.from({ length: PALETTE }, (_, at) => channels(style.getPropertyValue(`--series-${at + 1}`).trim()));
}

function alike(one, other) {
  return Math.hypot(...one.map((channel, at) => channel - other[at])) < 90;
}

/** A board's colour for text, at least 4.5:1. */
export function textColour(colour) {
  return colour ? visible(colour, 4.5) : "var(--text)";
}

/** A calm ground in a board's colour, on which the text colour of the page can be read. */
export function ground(colour, share = 20) {
  return `color-mix(in oklab, ${colour} ${share}%, var(--surface))`;
}

/** The colour of the highest threshold that `value` reaches, or `""`. */
export function thresholdColour(value, thresholds) {
  const reached = (thresholds ?? []).filter((step) => step.value === null || value >= step.value);
  return reached.at(-1)?.color ?? "";
}

/** `#rgb`, `#rrggbb` and `rgb(…)` as three numbers up to 255; null for any other way to name a colour. */
export function channels(colour) {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})(?:[0-9a-f]{2})?$/i.exec(colour);
  if (hex) return hexChannels(hex[1]);
  const rgb = /^rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)/.exec(colour);
  return rgb ? rgb.slice(1, 4).map(Number) : null;
}

function hexChannels(digits) {
  const long = digits.length === 3 ? [...digits].map((digit) => digit + digit).join("") : digits;
  return [0, 2, 4].map((start) => parseInt(long.slice(start, start + 2), 16));
}

/** WCAG's contrast of two colours, from 1 to 21. */
export function contrast(one, other) {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

function luminance(rgb) {
  const [red, green, blue] = rgb.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function visible(colour, ratio) {
  const rgb = channels(colour);
  if (rgb === null) return colour;
  return `light-dark(${moved(rgb, SURFACES.light, [0, 0, 0], ratio)}, ${moved(rgb, SURFACES.dark, [255, 255, 255], ratio)})`;
}

function moved(rgb, surface, goal, ratio) {
  for (let share = 0; share <= 1; share += 0.05) {
    const mixed = rgb.map((channel, at) => Math.round(channel + (goal[at] - channel) * share));
    if (contrast(mixed, surface) >= ratio) return `rgb(${mixed.join(" ")})`;
  }
  return `rgb(${goal.join(" ")})`;
}
