import assert from "node:assert/strict";
import { test } from "node:test";

import { kind as montecarlo } from "app/charts/montecarlo.js";
import { kind as sunburst } from "app/charts/sunburst.js";
import { kind as treemap } from "app/charts/treemap.js";
import { floorOf, kind as waterfall } from "app/charts/waterfall.js";

const setting = { places: 2, now: new Date("2026-01-10T00:00:00Z"), locale: "en", zone: "UTC", masked: false };
const names = ["panel", "raised", "pop", "grid", "line2", "t1", "t2", "t3", "acc", "quiet", "up", "dn", "heat-up", "heat-dn", "s1", "s2"];
const look = Object.fromEntries(names.map((name, each) => [name, `rgb(${each}, ${each}, ${each})`]));
const context = { setting, look, unit: "USDT" };

const HELD = {
  group_by: "strategy",
  groups: { names: ["Trend", null], values: [150, "50.123456789012345678"], shares: [0.75, 0.25] },
  parts: {
    groups: ["Trend", null, "Trend"],
    symbols: ["BTC/USDT", "ETH/USDT", "SOL/USDT"],
    directions: ["long", "short", "long"],
    values: [100, "50.123456789012345678", 50],
    shares: [0.5, 0.25, 0.25],
    unrealized_pnl: [4, -1, null],
    total: 3,
  },
};

test("positions are drawn in their groups, with the sign of what they earned", () => {
  const [first, second] = treemap.model(HELD, context).series[0].data;
  assert.deepEqual(first.children.map(({ name }) => name), ["BTC long", "SOL long"]);
  assert.match(first.children[0].label.formatter, /^BTC long\n50\.0.%\n\+4\.00$/);
  assert.equal(first.children[1].itemStyle.color, look.raised);
  assert.match(second.name, /^not_known {2}25\.0.%$/);
  assert.match(second.children[0].tip, /−1\.00/);
  assert.equal(second.children[0].value, Number("50.123456789012345678"));
});

test("the ring adds up to what is held", () => {
  const option = sunburst.model(HELD, context);
  assert.equal(option.title.text, "200.12");
  assert.deepEqual(option.series[0].data.map(({ children }) => children.length), [2, 1]);
  assert.match(sunburst.summary(HELD, context), /^Trend 75\.0.%, not_known 25\.0.%$/);
  assert.deepEqual(sunburst.table(HELD, context).rows[2].slice(0, 4), ["Trend", "SOL/USDT", "long", "50.00"]);
  assert.ok(sunburst.empty({ ...HELD, groups: { names: [], values: [], shares: [] } }));
});

test("hidden money is hidden in every text of a drawing", () => {
  const masked = { ...context, setting: { ...setting, masked: true } };
  assert.doesNotMatch(JSON.stringify(treemap.model(HELD, masked).series[0].data.map(({ tip, children }) => [tip, children.map(({ label }) => label.formatter)])), /4\.00|150\.00/);
  assert.equal(sunburst.model(HELD, masked).title.text, "•••");
});

const STEPS = {
  source: "snapshots",
  start: null,
  end: null,
  names: ["start", "trades", "fees", "slippage", "funding", "deposits", "other", "end"],
  values: [1000, 50, -20, 0, 0, 0, 0, "1030.123456789012345678"],
  begins: [0, 1000, 1050, 1030, 1030, 1030, 1030, 0],
  ends: [1000, 1050, 1030, 1030, 1030, 1030, 1030, "1030.123456789012345678"],
  total_trades: 3,
};

test("each step begins where the one before it ended; what is nothing is in the table alone", () => {
  const { series, yAxis } = waterfall.model(STEPS, context);
  const [bars] = series;
  assert.deepEqual(bars.data.map(({ name }) => name), ["start", "trades", "fees", "end"]);
  assert.deepEqual(bars.data.map(({ value }) => value.slice(0, 2)), [[yAxis.min, 1000], [1000, 1050], [1050, 1030], [yAxis.min, Number("1030.123456789012345678")]]);
  assert.ok(yAxis.min > 900 && yAxis.min < 1000);
  assert.deepEqual(bars.markLine.data.map(([from, to]) => [from.coord, to.coord]), [[["start", 1000], ["trades", 1000]], [["trades", 1050], ["fees", 1050]], [["fees", 1030], ["end", 1030]]]);
  assert.equal(waterfall.table(STEPS, context).rows.length, 8);
  assert.equal(waterfall.summary(STEPS, context), "start 1,000.00, trades +50.00, fees −20.00, end 1,030.12");
});

test("the axis begins at zero unless the steps would not be seen", () => {
  assert.equal(floorOf([100, 180]), 0);
  assert.equal(floorOf([-5, 3]), 0);
  assert.equal(floorOf([0, 3]), 0);
  assert.ok(floorOf([10000, 10160]) >= 9900 && floorOf([10000, 10160]) < 10000);
  assert.equal(floorOf([500, 500]), 0);
});

test("a year ahead is in percent: what one became, and how far it fell", () => {
  const data = { periods: 30, paths: 1000, horizon: 365, seed: 0, percentiles: [5, 25, 50, 75, 95], terminal: ["0.90123456789012345", 1, 1.1, 1.2, 1.5], drawdown: [-0.3, -0.2, -0.1, -0.05, -0.01] };
  const [boxes] = montecarlo.model(data, context).series;
  assert.deepEqual(boxes.data.map((values) => values.map((value) => Number(value.toFixed(4)))), [[-9.8765, 0, 10, 20, 50], [-30, -20, -10, -5, -1]]);
  assert.deepEqual(montecarlo.table(data, context).rows[4], ["95", "+50.00\u202f%", "−1.00\u202f%"]);
  assert.ok(montecarlo.empty({ ...data, terminal: [null, null, null, null, null] }));
});
