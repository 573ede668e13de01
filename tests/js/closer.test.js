import assert from "node:assert/strict";
import { test } from "node:test";

import { focusSeries, levels, placed } from "app/charts/candle_focus.js";
import { kind as candles } from "app/charts/candles.js";
import { kind as calendar } from "app/charts/calendar.js";
import { kind as comparison } from "app/charts/comparison.js";
import { kind as equity } from "app/charts/equity.js";
import { momentAt, spanOf } from "app/charts/focus.js";
import { kind as returns } from "app/charts/returns.js";
import { beta, sharpe } from "app/charts/rolling.js";
import { kind as treemap } from "app/charts/treemap.js";
import { step } from "app/features/show_parts.js";

const setting = { places: 2, now: new Date("2026-01-10T00:00:00Z"), locale: "en", zone: "UTC", masked: false };
const names = ["panel", "raised", "line2", "t1", "t2", "t3", "acc", "accfill", "onacc", "quiet", "up", "dn"];
const look = { ...Object.fromEntries(names.map((name, each) => [name, `rgb(${each}, 0, 0)`])), panel: "rgb(255, 255, 255)" };
const seen = Array.from({ length: 10 }, (_, hour) => ({ timestamp: `2026-01-05T0${hour}:00:00Z`, open: 100, high: 104, low: 97, close: 101, volume: 5 }));
const FOCUS = {
  trade: 7,
  sign: "up",
  marks: [
    { at: "2026-01-05T02:30:00Z", price: "100.12345678901234567", title: "Buy", kind: "entry" },
    { at: "2026-01-05T07:00:00Z", price: 103, title: "Exit", kind: "exit" },
  ],
  extremes: [{ name: "MAE", price: 98, percent: -2 }, { name: "MFE", price: 104, percent: null }],
};

test("names of a list are gone through to its ends", () => {
  assert.equal(step(["a", "b"], "a", 1), "b");
  assert.equal(step(["a", "b"], "b", 1), null);
  assert.equal(step(["a", "b"], "a", -1), null);
  assert.equal(step(["a", "b"], "z", -1), null);
});

test("a moment of a chart leads to its closer look, of strategies where they are known", () => {
  assert.equal(momentAt("2026-01-05", ""), "?show=moment-2026-01-05");
  assert.equal(momentAt("2026-01-05", "3,4"), "?show=moment-2026-01-05/3,4");
  assert.equal(momentAt(undefined, ""), null);
  const curve = { timestamps: ["2026-01-05T09:00:00.123456Z"], equity: [1], drawdown: [0] };
  assert.equal(equity.pick(curve, { index: 0 }, ""), "?show=moment-2026-01-05T09:00:00.123456Z");
  const days = { dates: ["2026-01-05", "2026-01-06"], returns: [0.1, null], cumulative: [0.1, null], net_pnl: [1, 2], trades: [1, 1] };
  assert.equal(returns.pick(days, { index: 1 }, "3"), "?show=moment-2026-01-06/3");
  assert.equal(calendar.pick(days, { data: { day: 0 } }, ""), "?show=moment-2026-01-05");
  assert.equal(calendar.pick(days, { data: {} }, ""), null);
  const beside = { timestamps: ["2026-01-05T00:00:00Z"], strategies: [{ strategy: { id: 3 } }, { strategy: { id: 4 } }] };
  assert.equal(comparison.pick(beside, { index: 0 }, ""), "?show=moment-2026-01-05/3,4");
});

test("a rolling figure leads to the day it stands on, not to one before its window is full", () => {
  const data = { window: 2, dates: ["2026-01-01", "2026-01-02", "2026-01-03"], sharpe_ratio: [null, 1, 2], volatility: [null, 1, 2], beta: [null, null, "0.5"] };
  assert.equal(sharpe.pick(data, { index: 0 }, ""), "?show=moment-2026-01-02");
  assert.equal(beta.pick(data, { index: 0 }, ""), "?show=moment-2026-01-03");
  assert.ok(beta.empty({ ...data, beta: null }));
});

test("parts and marks lead to their asset and their signal, groups and lines nowhere", () => {
  assert.equal(treemap.pick({}, { data: { symbol: "BTC/USDT" } }, ""), "?show=asset-BTC/USDT");
  assert.equal(treemap.pick({}, { data: { name: "Crypto" } }, ""), null);
  assert.equal(candles.pick({}, { data: { trade: 7, action: "exit" } }, ""), "?show=signal-7/exit");
  assert.equal(candles.pick({}, { data: [1, 2] }, ""), null);
});

test("a chart that is about a stretch of time shades it", () => {
  assert.deepEqual(spanOf({ from: "1970-01-01T00:00:10Z", to: "1970-01-01T00:00:20Z" }), { from: 10, to: 20, text: "" });
  assert.equal(spanOf({ marks: [] }), undefined);
  assert.equal(spanOf(undefined), undefined);
});

test("marks stand on the candles that they fell in; those out of view are left out", () => {
  assert.deepEqual(placed(seen, FOCUS).map(({ place, kind }) => [place, kind]), [[2, "entry"], [7, "exit"]]);
  const early = { marks: [{ at: "2026-01-04T23:59:00Z", price: 1, title: "", kind: "entry" }, { at: "2026-01-05T11:00:00Z", price: 1, title: "", kind: "exit" }] };
  assert.deepEqual(placed(seen, early), []);
  assert.deepEqual(levels(FOCUS), [100.12345678901235, 103, 98, 104]);
  assert.deepEqual(levels(undefined), []);
});

test("entry and exit are named with their times, priced on the axis, and shaded in between", () => {
  const [about, ...reaches] = focusSeries(seen, { setting, look, unit: "", focus: FOCUS });
  const upright = about.markLine.data.filter((line) => !Array.isArray(line));
  assert.deepEqual(upright.map(({ xAxis, label }) => [xAxis, label.formatter]), [[2, "{name|Buy}\n02:30"], [7, "{name|Exit}\n07:00"]]);
  const tags = about.markLine.data.filter(Array.isArray).map(([{ label }]) => label.formatter);
  assert.deepEqual(tags, ["100.123", "103.00"]);
  const [[from, to]] = about.markArea.data;
  assert.deepEqual([from.coord, to.coord], [[2, 100.12345678901235], [7, 103]]);
  assert.deepEqual(reaches.map(({ data, endLabel }) => [data, endLabel.formatter]), [
    [[[2, 98], [7, 98]], "MAE −2.00\u202f%"],
    [[[2, 104], [7, 104]], "MFE"],
  ]);
});

test("an open trade is shaded nowhere, and a remark is marked as every remark is", () => {
  const [about] = focusSeries(seen, { setting, look, unit: "", focus: { ...FOCUS, marks: FOCUS.marks.slice(0, 1) } });
  assert.equal(about.markArea, undefined);
  assert.deepEqual(focusSeries(seen, { setting, look, unit: "", focus: { marks: [{ at: seen[3].timestamp, title: "News", kind: "note" }] } }), []);
});
