/** The kinds of charts of strategies: what they draw, say and list of the API's answers. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { kind as boxes } from "app/charts/boxes.js";
import { kind as calendar } from "app/charts/calendar.js";
import { equity, kind as comparison } from "app/charts/comparison.js";
import { kind as earned } from "app/charts/earned.js";
import { kind as excursions } from "app/charts/excursions.js";
import { heat } from "app/charts/heat.js";
import { kind as hours } from "app/charts/hours.js";
import { kind as monthly } from "app/charts/monthly.js";
import { daily, kind as returns } from "app/charts/returns.js";
import { kind as riskReturn } from "app/charts/risk_return.js";
import { kind as bars } from "app/charts/strategy_bars.js";
import { kind as value } from "app/charts/value.js";
import { speak } from "./words.js";

speak("en");

/** @type {any} */
const look = new Proxy(
  { panel: "rgb(255, 255, 255)", "heat-up": "rgb(0, 200, 0)", "heat-dn": "rgb(200, 0, 0)", dn: "rgb(200, 0, 0)", up: "rgb(0, 200, 0)", acc: "rgb(0, 0, 200)" },
  { get: (known, name) => known[/** @type {keyof known} */ (name)] ?? String(name) },
);
const setting = { places: 2, now: new Date("2026-02-01T00:00:00Z"), locale: "en", zone: "UTC", masked: false };
const context = { setting, look, unit: "", range: null, shows: [] };
const masked = { ...context, setting: { ...setting, masked: true } };

const month = (/** @type {any} */ first) => [first, ...Array(11).fill(null)];
const YEAR = { years: [2026], returns: [month(0.05)], totals: [0.05], net_pnl: [month(10)], net_pnl_totals: ["10.000000000000000001"], trades: [[3, ...Array(11).fill(0)]] };

test("months show returns, and money where there are none", () => {
  const [cells, totals] = monthly.model(YEAR, context).series;
  assert.equal(cells.data[0].label.formatter, "+5.0");
  assert.equal(cells.data[1].label.formatter, "");
  assert.equal(totals.data[0].label.formatter, "+5.0");
  const poor = { ...YEAR, returns: [month(null)], totals: [null], net_pnl: [[10, -4, ...Array(10).fill(0)]] };
  const money = monthly.model({ ...poor, trades: [[3, 1, ...Array(10).fill(0)]] }, context).series[0].data;
  assert.deepEqual(money.slice(0, 3).map((/** @type {any} */ cell) => cell.label.formatter), ["+10", "−4", ""]);
  assert.equal(monthly.model(poor, masked).series[0].data[0].label.formatter, "•••");
  assert.deepEqual(monthly.table(YEAR, context).rows, [["2026-01", "+5.00\u202f%", "+10.00", "3"]]);
  assert.equal(monthly.height?.(YEAR), 60);
  assert.equal(monthly.newest?.({ ...YEAR, trades: [Array(12).fill(1), [2, 0, 4, ...Array(9).fill(0)]] }), 3 / 13);
});

const DAYS = { dates: ["2026-01-05", "2026-01-07"], returns: [0.01, "-0.02000000000000000001"], cumulative: [0.01, -0.0102], net_pnl: [1, "-2.000000000000000000001"], trades: [1, 2] };

test("days stand in the column of their week and the row of their weekday", () => {
  const shown = calendar.model(DAYS, context).series[0].data.filter((/** @type {any} */ cell) => cell.day !== undefined);
  const [[week, monday], [same, wednesday]] = shown.map((/** @type {any} */ cell) => cell.value);
  assert.deepEqual([monday, wednesday], [0, 2]);
  assert.equal(week, same);
  assert.equal(calendar.summary(DAYS, context), "Best 5 Jan +1.00\u202f%, worst 7 Jan −2.00\u202f%");
});

test("a calendar keeps the newest year", () => {
  const dates = Array.from({ length: 800 }, (_, day) => new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10));
  const long = { dates, returns: dates.map(() => 0.01), net_pnl: dates.map(() => 1), trades: dates.map(() => 1) };
  const model = calendar.model(long, context);
  assert.equal(model.xAxis.data.length, 53);
  assert.ok(model.series[0].data.every((/** @type {any} */ { value: [week] }) => week >= 0 && week < 53));
});

test("bars are percent of returns, or money without them", () => {
  const model = returns.model(DAYS, context);
  assert.deepEqual(model.lines[0].values, [1, -2]);
  assert.deepEqual([model.lines[0].format, model.lines[0].bars], ["signed-percent", true]);
  assert.deepEqual(model.extent, [Date.UTC(2026, 0, 5) / 1000, Date.UTC(2026, 0, 8) / 1000]);
  const poor = { ...DAYS, returns: [null, null], cumulative: [null, null] };
  for (const money of [returns.model(poor, context), daily.model(DAYS, context)]) {
    assert.deepEqual([money.lines[0].values, money.lines[0].texts, money.lines[0].format], [[1, -2], DAYS.net_pnl, "signed-money"]);
  }
  assert.equal(daily.summary(DAYS, context), "2 days. Best +1.00, worst −2.00");
  assert.deepEqual(returns.table(poor, context).rows[1], ["2026-01-07", "–", "–", "−2.00", "2"]);
});

test("what was earned is summed day by day", () => {
  assert.deepEqual(earned.model(DAYS, context).lines[0].values, [1, -1]);
  assert.equal(earned.summary(DAYS, context), "2 days, −1.00");
});

test("an hour says how many and which way", () => {
  const empty = Array.from({ length: 7 }, () => Array(24).fill(0));
  const data = { timezone: "UTC", by: "exit", trades: structuredClone(empty), winning_trades: structuredClone(empty), net_pnl: structuredClone(empty) };
  assert.equal(hours.empty(data), true);
  Object.assign(data.trades[0], { 3: 4 });
  Object.assign(data.winning_trades[0], { 3: 1 });
  Object.assign(data.net_pnl[0], { 3: "-7.5" });
  assert.equal(hours.model(data, context).series[0].data[3].label.formatter, "4▾");
  assert.deepEqual(hours.table(data, context).rows, [["1", "03:00", "4", "1", "−7.50"]]);
});

test("heat grows with the value and is nothing at zero", () => {
  assert.equal(heat(look, 0, 5), look.panel);
  const [weak, strong] = [1, 5].map((each) => Number(heat(look, each, 5).match(/\d+/)?.[0]));
  assert.ok(strong < weak && weak < 255);
  assert.notEqual(heat(look, -5, 5), heat(look, 5, 5));
});

const BOXES = {
  boxes: {
    ids: [7, 8, 9],
    names: ["A", "none", "B"],
    lower_whisker: [-0.02, null, -0.01],
    lower_quartile: [-0.01, null, 0],
    median: [0, null, 0.001],
    upper_quartile: [0.01, null, 0.002],
    upper_whisker: [0.02, null, 0.003],
    outliers: [[-0.5, 0.03], [], []],
    outlier_counts: [2, 0, 0],
    periods: [30, 0, 20],
  },
};

test("boxes of groups with returns; outliers far away are counted at the edge", () => {
  const { series, yAxis } = boxes.model(BOXES, context);
  assert.deepEqual(series[0].data[0], [-2, -1, 0, 1, 2]);
  assert.equal(series[0].data.length, 2);
  assert.deepEqual(series[1].data, [[0, 3]]);
  assert.deepEqual(series[2].data, []);
  assert.equal(series[3].data[0][2], 1);
  assert.ok(yAxis.max < 50);
  assert.equal(boxes.pick?.(BOXES, { seriesType: "boxplot", dataIndex: 1 }), "?show=strategy-9");
  assert.equal(boxes.pick?.(BOXES, { seriesType: "scatter", dataIndex: 0 }), null);
  assert.equal(boxes.pick?.({ boxes: { ...BOXES.boxes, ids: [] } }, { seriesType: "boxplot", dataIndex: 0 }), null);
});

test("boxes with long names lie", () => {
  const long = { boxes: { ...BOXES.boxes, names: ["Mean reversion", "none", "B"] } };
  const { series, yAxis } = boxes.model(long, context);
  assert.deepEqual(yAxis.data, ["Mean reversion", "B"]);
  assert.deepEqual(series[1].data, [[3, 0]]);
});

const RISK = { ids: [7, 8, 9], strategies: ["A", "B", "C"], trades: [100, 25, 0], net_pnl: [5, -3, 0], win_rate: [60, 40, null], total_return: [0.1, -0.05, null], volatility: [0.2, 0.3, null], sharpe_ratio: [1.5, -1, null], total: 3 };

test("a strategy is as large as its trades are many, and leads to its page", () => {
  const [{ data }] = riskReturn.model(RISK, context).series;
  assert.equal(data.length, 2);
  assert.ok(data[0].symbolSize > data[1].symbolSize);
  assert.equal(data[1].itemStyle.color, look.panel);
  assert.equal(riskReturn.pick?.(RISK, { data: { strategy: 1 } }), "?show=strategy-8");
  assert.equal(riskReturn.pick?.(RISK, {}), null);
  assert.match(riskReturn.summary(RISK, context), /; 1 without returns$/);
});

test("names of strategies close to each other stand apart", () => {
  const near = { ...RISK, total_return: [0.1, 0.1001, -0.3], volatility: [0.2, 0.2001, 0.9], sharpe_ratio: [1, 1, 1] };
  const [one, two] = riskReturn.model(near, context).series[0].data.map((/** @type {any} */ dot) => dot.label.position);
  assert.notEqual(one, two);
});

test("of many strategies the best and the worst are drawn, all are listed", () => {
  const many = Array.from({ length: 30 }, (_, index) => index);
  const data = { ids: many, strategies: many.map(String), trades: many, net_pnl: many.map((each) => each - 10), win_rate: many, total: 30 };
  const shown = bars.model(data, context).yAxis[0].data;
  assert.deepEqual([shown[0], shown[11], shown.length], ["29", "0", 12]);
  assert.equal(bars.table(data, context).rows.length, 30);
});

const SIDE = {
  strategies: [
    { strategy: { id: 1, name: "A" }, equity: [null, null], cumulative: [null, null] },
    { strategy: { id: 2, name: "B" }, equity: ["100.000000000000000001", 101], cumulative: [0, 0.01] },
  ],
  timestamps: ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"],
  count: 2,
};

test("a line keeps its colour and its digits", () => {
  const { lines } = comparison.model(SIDE, context);
  assert.deepEqual(lines.map((/** @type {any} */ each) => [each.name, each.colour, each.values]), [["B", "s2", [0, 1]]]);
  assert.equal(equity.model(SIDE, context).lines[0].texts[0], "100.000000000000000001");
  assert.deepEqual(comparison.table(SIDE, context).rows[1], ["2026-01-02", "–", "+1.00\u202f%"]);
});

test("nothing with returns is nothing to compare", () => {
  assert.equal(comparison.empty({ ...SIDE, timestamps: [], strategies: [] }), true);
});

test("excursions are drawn where both are known", () => {
  const data = { ids: [1, 2], symbols: ["BTC", "ETH"], directions: ["long", "short"], exit_times: ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"], mae_pct: [-1, null], mfe_pct: ["2.000000000000000000001", 3], pnl_pct: [1, 1], net_pnl: [-5, 5], r_multiple: [null, 1] };
  const [dot, ...rest] = excursions.model(data, context).series[0].data;
  assert.deepEqual([dot.value, rest], [[-1, 2], []]);
  assert.equal(dot.itemStyle.borderColor, look.dn);
  assert.equal(excursions.table(data, context).rows.length, 2);
});

test("a value line has an average only once it is known", () => {
  const data = { dates: ["2026-01-01", "2026-01-02"], equity: [1000, 1010], sma: [null, null], benchmark: null, total: 2 };
  assert.equal(value.model(data, context).lines.length, 1);
  assert.equal(value.model({ ...data, sma: [null, 1005], benchmark: [1000, 990] }, context).lines.length, 3);
});
