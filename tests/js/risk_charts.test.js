import assert from "node:assert/strict";
import { test } from "node:test";

import { kind as correlation } from "app/charts/correlation.js";
import { kind as distribution } from "app/charts/distribution.js";
import { sharpe, volatility } from "app/charts/rolling.js";
import { kind as underwater } from "app/charts/underwater.js";
import { speak } from "./words.js";

speak("en");

const setting = { places: 2, now: new Date("2026-01-10T00:00:00Z"), locale: "en", zone: "UTC", masked: false };
const names = ["panel", "raised", "pop", "grid", "line2", "t1", "t2", "t3", "acc", "quiet", "dn"];
const look = { ...Object.fromEntries(names.map((name, each) => [name, `rgb(${each}, 0, 0)`])), panel: "rgb(255, 255, 255)" };
const context = { setting, look, unit: "" };
// Doubles too long to be kept arrive as their texts.
const LONG = "-0.12345678901234567";

test("rolling figures begin where the window is full, and texts become numbers", () => {
  const data = { window: 2, dates: ["2026-01-01", "2026-01-02", "2026-01-03"], sharpe_ratio: [null, "-1.2345678901234567", 3], volatility: [null, "0.12345678901234567", 0.5] };
  const drawn = sharpe.model(data, context);
  assert.deepEqual(drawn.lines[0].values, [-1.2345678901234567, 3]);
  assert.deepEqual(drawn.times, [Date.parse("2026-01-02") / 1000, Date.parse("2026-01-03") / 1000]);
  assert.deepEqual(volatility.model(data, context).lines[0].values, [Number("0.12345678901234567") * 100, 50]);
  assert.equal(sharpe.summary(data, context), "Lowest −1.23, highest +3.00, now +3.00");
  assert.deepEqual(volatility.table(data, context).rows[0], ["2026-01-01", "–"]);
  assert.ok(sharpe.empty({ ...data, sharpe_ratio: [null, null, 3] }));
});

const MATRIX = {
  ids: [],
  strategies: [],
  symbols: ["BTC/USDT", "ETH/USDT", "SOL/USDT"],
  correlations: [[1, "0.61234567890123456", null], ["0.61234567890123456", 1, -0.2], [null, -0.2, 1]],
  observations: [[30, 25, 4], [25, 30, 22], [4, 22, 30]],
};

test("every pair stands once in the lower half; one without a figure is a dash, not zero", () => {
  const cells = correlation.model(MATRIX, context).series[0].data.filter((cell) => cell.pair);
  assert.deepEqual(cells.map(({ value }) => value.slice(0, 2)), [[0, 1], [0, 2], [1, 2]]);
  assert.deepEqual(cells.map(({ label }) => label.formatter), ["0.61", "–", "−0.20"]);
  assert.equal(cells[1].itemStyle.color, look.panel);
  assert.equal(new Set(cells.map(({ itemStyle }) => itemStyle.color)).size, 3);
});

test("a pair of strategies is compared, one of symbols is not; a name leads to what it is of", () => {
  const drawn = (/** @type {any} */ data) => correlation.model(data, context).series[0].data;
  const leads = (/** @type {any} */ data) => drawn(data).map((/** @type {any} */ item) => correlation.pick?.(data, { data: item }, ""));
  assert.deepEqual(leads(MATRIX), ["?show=asset-BTC/USDT", "?show=asset-ETH/USDT", "?show=asset-SOL/USDT", null, null, null]);
  const strategies = { ...MATRIX, ids: [7, 8, 9], strategies: ["A", "B", "C"], symbols: [] };
  assert.deepEqual(leads(strategies), ["?show=strategy-7", "?show=strategy-8", "?show=strategy-9", "?show=comparison-7,8", "?show=comparison-7,9", "?show=comparison-8,9"]);
  assert.equal(correlation.pick?.(MATRIX, {}, ""), null);
});

test("a correlation is said with its pairs, and symbols by their first name while that is clear", () => {
  assert.equal(correlation.summary(MATRIX, context), "Mean 0.21, highest BTC – ETH 0.61, lowest ETH – SOL −0.20");
  const twice = { ...MATRIX, symbols: ["BTC/USDT", "BTC/EUR", "SOL/USDT"] };
  assert.deepEqual(correlation.model(twice, context).xAxis.data, twice.symbols);
  assert.deepEqual(correlation.table(MATRIX, context).rows[1], ["BTC/USDT", "SOL/USDT", "–", "4"]);
  assert.ok(correlation.empty({ ...MATRIX, correlations: [[1, null, null], [null, 1, null], [null, null, null]] }));
});

test("value at risk stands on the side of losses, and only what is worse is marked", () => {
  const data = { edges: [LONG, -0.05, 0, 0.05], counts: [1, 6, 3], mean: 0.001, median: 0.002, var_95: -0.04, cvar_95: "-0.061234567890123456", periods: 10 };
  const [bars] = distribution.model(data, context).series;
  assert.deepEqual(bars.data.map(({ itemStyle }) => itemStyle.borderColor === look.dn), [true, false, false]);
  assert.ok(Math.abs(bars.data[0].value[0] - (Number(LONG) - 0.05) / 2) < 1e-12);
  assert.deepEqual(bars.markLine.data.map(([{ coord }]) => coord[0]), [-0.04, -0.061234567890123456, 0.001]);
  assert.match(distribution.summary(data, context), /VaR 95 −4\.00.%, CVaR 95 −6\.12.%/);
  const young = { ...data, var_95: null, cvar_95: null };
  assert.equal(distribution.model(young, context).series[0].markLine.data.length, 1);
});

test("the deepest falls are marked where they were deepest", () => {
  const worst = { peaks: ["2026-01-01T00:00:00Z"], troughs: ["2026-01-02T00:00:00Z"], depths: [LONG] };
  const data = { timestamps: ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"], drawdown: [0, LONG], max_drawdown: LONG, current_drawdown: LONG, worst };
  const { points, lines, within } = underwater.model(data, context);
  assert.deepEqual(points.map(({ at, value }) => [at, value]), [[Date.parse("2026-01-02T00:00:00Z") / 1000, Number(LONG) * 100]]);
  assert.match(points[0].text, /^1 {2}−12\.35.%$/);
  assert.deepEqual(lines[0].values, [0, Number(LONG) * 100]);
  assert.deepEqual(within, [null, 0]);
});
