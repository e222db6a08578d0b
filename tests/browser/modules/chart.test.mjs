import assert from "node:assert/strict";
import { test } from "node:test";
import { calculated } from "../../../src/ai_monitoring/embedded/viewer/static/js/chart/calcs.js";
import { marked } from "../../../src/ai_monitoring/embedded/viewer/static/js/chart/marks.js";
import { areaPath, barPath, linePath, ringPath } from "../../../src/ai_monitoring/embedded/viewer/static/js/chart/paths.js";
import { domain, linear, ticks, timeTicks } from "../../../src/ai_monitoring/embedded/viewer/static/js/chart/scale.js";
import { nearest, runs, stacked } from "../../../src/ai_monitoring/embedded/viewer/static/js/chart/stack.js";

const same = (value) => value;

test("ticks are round and within the domain", () => {
  assert.deepEqual(ticks([0, 1], 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(ticks([0, 4096], 4, 1024), [0, 1024, 2048, 3072, 4096]);
  assert.deepEqual(ticks([-3, 3], 3), [-2, 0, 2]);
});

test("an axis holds its values, zero where it is near, and the board's own ends", () => {
  assert.equal(domain([1, 10])[0], 0);
  assert.ok(domain([100, 110])[0] > 90);
  assert.ok(domain([100, 110])[1] > 110);
  assert.equal(domain([100, 110], { zero: true })[0], 0);
  assert.deepEqual(domain([5, 7], { min: 0, max: 20 }), [0, 20]);
  const [low, high] = domain([]);
  assert.ok(low < high);
  assert.ok(domain([-5, 5])[0] < -5);
});

test("one value alone lies in the middle", () => assert.equal(linear([1, 1], [0, 10])(1), 5));

test("times are marked at round minutes", () => {
  const begin = Date.UTC(2026, 0, 1, 10, 3);
  const marks = timeTicks(begin, begin + 3_600_000, 6);
  assert.ok(marks.length >= 3 && marks.length <= 7);
  for (const { time } of marks) assert.equal(time % 600_000, 0);
});

test("stacks stand on those before them, below zero apart; lines without a stack stand alone", () => {
  const one = (value, stack) => ({ points: [[1, value]], style: { stack } });
  const result = stacked([one(2, "A"), one(3, "A"), one(-1, "A"), one(null, "A"), one(4, "")]);
  assert.deepEqual(result, [[[1, 0, 2]], [[1, 2, 5]], [[1, 0, -1]], [[1, 5, null]], [[1, 0, 4]]]);
});

test("a stack of percents ends at one", () => {
  const one = (value) => ({ points: [[1, value]], style: { stack: "A", stack_mode: "percent" } });
  assert.deepEqual(stacked([one(1), one(null), one(3)]), [[[1, 0, 0.25]], [[1, 0.25, null]], [[1, 0.25, 1]]]);
});

test("a gap breaks a line unless the board spans it", () => {
  const points = [[0, 0, 1], [10, 0, null], [20, 0, 1], [30, 0, 2]];
  assert.equal(runs(points).length, 2);
  assert.equal(runs(points, true).length, 1);
  assert.equal(runs(points, 20).length, 1);
  assert.equal(runs(points, 15).length, 2);
});

test("the nearest point is found at the ends and between", () => {
  const points = [[10], [20], [30]];
  assert.deepEqual([0, 14, 16, 99].map((time) => nearest(points, time)), [0, 0, 1, 2]);
  assert.equal(nearest([], 5), -1);
});

test("paths say what is drawn", () => {
  const run = [[[0, 0, 1], [5, 0, 2]]];
  assert.equal(linePath(run, same, same), "M0 1L5 2");
  assert.equal(linePath(run, same, same, "stepAfter"), "M0 1H5V2");
  assert.equal(areaPath(run, same, same), "M0 1L5 2L5 0L0 0Z");
  assert.equal(barPath([[5, 0, 2], [9, 0, null]], same, same, 4), "M3 2h4V0h-4Z");
  assert.doesNotMatch(ringPath(0, 0, 5, 10, 0, 2 * Math.PI), /NaN/);
});

test("calculations leave gaps out", () => {
  const points = [[0, 1], [1, null], [2, 3], [3, null]];
  const of = (calc) => calculated(calc, points).value;
  assert.deepEqual(["last", "lastNotNull", "min", "max", "mean", "sum", "range"].map(of), [null, 3, 1, 3, 2, 4, 2]);
  assert.equal(calculated("mean", []).value, null);
  assert.equal(calculated("constructor", points), null);
});

test("moments within the range are marked, and named where there is room", () => {
  const place = { plot: { width: 300 }, x: (time) => time, from: 0, to: 300 };
  const marks = [-1, 10, 20, 200, 290, 301].map((time) => ({ time, title: "shop 1.4.2", text: "" }));
  assert.deepEqual(marked(marks, place, 5).map(({ left, start }) => [left, start]), [[10, 13], [20, null], [200, 203], [290, null]]);
  assert.deepEqual(marked([{ time: 290, title: "shop", text: "failed" }], place, 5), [{ left: 290, name: "shop, failed", start: 227 }]);
});
