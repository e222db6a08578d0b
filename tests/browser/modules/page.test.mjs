import assert from "node:assert/strict";
import { test } from "node:test";
import { asked, changed, read, uidOf } from "../../../src/ai_monitoring/embedded/viewer/static/js/board/address.js";
import { sections } from "../../../src/ai_monitoring/embedded/viewer/static/js/board/layout.js";
import { wider } from "../../../src/ai_monitoring/embedded/viewer/static/js/board/range.js";
import { Queue } from "../../../src/ai_monitoring/embedded/viewer/static/js/board/requests.js";
import { channels, contrast, distinct, graphic, palette, textColour, thresholdColour } from "../../../src/ai_monitoring/embedded/viewer/static/js/colours.js";
import { isoTime, rangeText, sinceNow } from "../../../src/ai_monitoring/embedded/viewer/static/js/time.js";

test("the address holds range, variables and the one panel", () => {
  const { from, to, variables, panel, refresh } = read("?from=now-1h&to=now&var-a=1&var-a=2&viewPanel=panel-7&refresh=");
  assert.deepEqual([from, to, variables.get("a"), panel, refresh], ["now-1h", "now", ["1", "2"], 7, ""]);
  assert.equal(read("").from, null);
});

test("a change keeps the rest, null removes", () => {
  assert.equal(changed({ "var-a": ["x", "y&z"], from: null }, "?from=1&to=2"), "?to=2&var-a=x&var-a=y%26z");
  assert.equal(changed({ from: null }, "?from=1"), "");
});

test("the server is asked for range, variables and zone only", () => {
  assert.equal([...asked("?from=1&to=2&var-a=1&viewPanel=3&refresh=5s").keys()].join(" "), "from to var-a timezone");
});

test("a board's address may end in words", () => assert.equal(uidOf("/d/faq%20rag/any-words"), "faq rag"));

test("rows begin sections, those without a row come first", () => {
  const grid = { x: 0, y: 0, w: 1, h: 1 };
  const found = sections([{ id: 1, grid }, { kind: "row", title: "R", grid }, { id: 2, grid }]);
  assert.deepEqual(found.map(({ row, panels }) => [row?.title, panels.map(({ id }) => id)]), [[undefined, [1]], ["R", [2]]]);
});

test("zooming out doubles the range around its middle", () => assert.deepEqual(wider({ from: 1000, to: 3000 }), [0, 4000]));

test("a range is said in words", () => {
  assert.equal(rangeText("now-6h", "now"), "Last 6 hours");
  assert.equal(rangeText("now-1d", "now"), "Last day");
  assert.equal(rangeText("now/d", "now"), "now/d to now");
  assert.equal(sinceNow(0, 125_000), "2 minutes ago");
});

test("a moment is said in this browser's zone, to the millisecond where lines are close", () => {
  const ms = new Date(2026, 10, 26, 9, 5, 7, 42).getTime();
  assert.deepEqual([isoTime(ms), isoTime(ms, true)], ["2026-11-26 09:05:07", "2026-11-26 09:05:07.042"]);
});

test("colours of a board are moved until they can be seen in either theme", () => {
  const pairs = [[graphic, 3], [textColour, 4.5]];
  for (const [make, ratio] of pairs) {
    for (const colour of ["#F2CC0C", "#FF9830", "#1250B0", "#fff", "#000000", "rgb(200, 242, 194)"]) {
      const [light, dark] = make(colour).match(/rgb\([^)]*\)/g).map(channels);
      assert.ok(contrast(light, [255, 255, 255]) >= ratio, `${colour} on light`);
      assert.ok(contrast(dark, [23, 28, 35]) >= ratio, `${colour} on dark`);
    }
  }
  assert.equal(graphic("", 0), "var(--series-1)");
  assert.equal(graphic("currentColor"), "var(--series-1)");
  assert.equal(textColour("currentColor"), "currentColor");
  assert.notEqual(palette(0), palette(8));
});

test("series beside each other do not look alike", () => {
  const house = [[53, 99, 217], [194, 87, 12]];
  assert.deepEqual(distinct(["", "", ""], house), ["var(--series-1)", "var(--series-2)", palette(2)]);
  const paints = distinct(["#A352CC", "#A352CC", "#A855D0", "#3563d9"], house);
  assert.equal(new Set(paints).size, 4);
  assert.equal(paints[0], graphic("#A352CC"));
});

test("the highest threshold that is reached gives the colour", () => {
  const steps = [{ value: null, color: "g" }, { value: 5, color: "r" }];
  assert.deepEqual([4, 5, 6].map((value) => thresholdColour(value, steps)), ["g", "r", "r"]);
});

test("a queue runs so many at once and skips what was cancelled", async () => {
  const queue = new Queue(2);
  const { signal } = new AbortController();
  let running = 0;
  let most = 0;
  const job = async () => {
    most = Math.max(most, (running += 1));
    await new Promise((resolve) => setTimeout(resolve, 2));
    running -= 1;
  };
  await Promise.all(Array.from({ length: 7 }, () => queue.add(job, signal)));
  assert.equal(most, 2);
  const cancelled = new AbortController();
  cancelled.abort();
  await assert.rejects(queue.add(() => assert.fail("it ran"), cancelled.signal));
});
