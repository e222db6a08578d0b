import assert from "node:assert/strict";
import { test } from "node:test";
import { fixed, format, parts } from "../../../src/ai_monitoring/embedded/viewer/static/js/units.js";

const CASES = [
  // value, unit, decimals, what Grafana shows
  [0, "none", null, "0"],
  [0.5, "none", null, "0.500"],
  [1.5, "none", null, "1.50"],
  [12.34, "none", null, "12.3"],
  [123.4, "none", null, "123"],
  [1234, "none", null, "1234"],
  [1 / 3, "none", 1, "0.3"],
  [2, "none", 2, "2.00"],
  [-1.5, "none", null, "-1.50"],
  [1234, "short", null, "1.23 K"],
  [2_500_000, "short", null, "2.50 Mil"],
  [12.5, "percent", null, "12.5%"],
  [0.125, "percentunit", null, "12.5%"],
  [1, "percentunit", null, "100%"],
  [0.25, "s", null, "250 ms"],
  [0.0000005, "s", null, "500 ns"],
  [59, "s", null, "59 s"],
  [90, "s", null, "1.50 mins"],
  [5400, "s", null, "1.50 hours"],
  [0, "s", null, "0 s"],
  [1500, "ms", null, "1.50 s"],
  [90, "m", null, "1.50 hours"],
  [48, "h", null, "2 days"],
  [14, "d", null, "2 weeks"],
  [1500, "µs", null, "1.50 ms"],
  [1024, "bytes", null, "1 KiB"],
  [1536, "bytes", null, "1.50 KiB"],
  [1500, "decbytes", null, "1.50 kB"],
  [8, "bits", null, "8 b"],
  [1500, "Bps", null, "1.50 kB/s"],
  [12.5, "reqps", null, "12.5 req/s"],
  [1234, "reqps", null, "1.23K req/s"],
  [3, "ops", null, "3 ops/s"],
  [42.1234, "currencyUSD", 2, "$42.12"],
  [-1200, "currencyEUR", null, "-€1.20K"],
  [1, "bool", null, "True"],
  [0, "bool_yes_no", null, "No"],
  [1e9, "hertz", null, "1 GHz"],
  [21.5, "celsius", 1, "21.5 °C"],
  [350, "watt", null, "350 W"],
  [3661, "clocks", null, "01:01:01"],
  [5, "tokens", null, "5 tokens"],
  [5, "suffix:/min", null, "5 /min"],
  [5, "prefix:~", null, "~5"],
  [1, "bool:on/off", null, "on"],
  [5, "constructor", null, "5 constructor"],
];

for (const [value, unit, decimals, text] of CASES) {
  test(`${value} ${unit} is ${text}`, () => assert.equal(format(value, unit, decimals), text));
}

test("what is no number says so", () => {
  assert.equal(format(null, "s"), "–");
  assert.equal(format(NaN, "s"), "NaN");
  assert.equal(format(Infinity, "bytes"), "+∞");
  assert.equal(format("text", "bytes"), "text");
});

test("a time is in the zone of the reader, in ISO's order", () => {
  assert.match(format(Date.UTC(2026, 0, 15, 12), "dateTimeAsIso"), /^2026-01-15 \d\d:00:00$/);
});

test("parts keep the unit apart", () => assert.deepEqual(parts(1500, "ms"), { text: "1.50", suffix: " s" }));

test("tiny numbers do not become zero", () => assert.equal(fixed(1.2e-9), "1.2e-9"));
