/** Sankey, the benchmark and the average of the curve, and filters of an address. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { kind as equity } from "app/charts/equity.js";
import { kind as sankey } from "app/charts/sankey.js";
import { filtersOf } from "app/features/remember.js";

import "./words.js";

/** @type {any} */
const look = new Proxy({}, { get: (_known, name) => (String(name) === "panel" ? "rgb(255, 255, 255)" : `rgb(1, ${String(name).charCodeAt(0)}, ${String(name).length})`) });
const setting = { places: 2, now: new Date("2026-02-01T00:00:00Z"), locale: "en", zone: "UTC", masked: false };
const context = { setting, look, unit: "", range: null, shows: [] };

const FLOWS = {
  measure: "net_pnl",
  nodes: { levels: [0, 1, 2, 2, 3, 3], names: ["capital", "Trend", "BTC/USDT", null, "wins", "losses"], values: ["30.000000000000000001", 30, 20, 10, 20, 10] },
  links: { sources: [0, 1, 1, 2, 3], targets: [1, 2, 3, 4, 5], values: ["30.000000000000000001", 20, 10, 20, 10] },
  total_trades: 3,
};

test("a band joins two nodes, which are told apart by their places", () => {
  const { series: [series], media } = sankey.model(FLOWS, context);
  assert.deepEqual(media.map((/** @type {any} */ { option }) => option.series[0].label.formatter({ dataIndex: 2 })), ["BTC", "BTC  20.00"]);
  assert.deepEqual(series.data.map((/** @type {any} */ { name, depth }) => [name, depth]), [["0", 0], ["1", 1], ["2", 2], ["3", 2], ["4", 3], ["5", 3]]);
  assert.deepEqual(series.links[0], { source: "0", target: "1", value: 30, lineStyle: series.links[0].lineStyle });
  assert.equal(sankey.summary(FLOWS, context), "3 trades, wins 20.00, losses 10.00");
  assert.deepEqual(sankey.table(FLOWS, context).rows[2], ["Trend", "others", "10.00"]);
});

test("a loss is outlined, a gain is filled, what is on the way has neither colour", () => {
  const [series] = sankey.model(FLOWS, context).series;
  assert.equal(series.data[4].itemStyle.borderColor, undefined);
  assert.ok(series.data[5].itemStyle.borderColor);
  assert.notEqual(series.links[3].lineStyle.color, series.links[4].lineStyle.color);
  assert.equal(series.links[1].lineStyle.color, series.links[2].lineStyle.color);
});

test("trades are counted, and nothing flows where nothing was closed", () => {
  const counted = { ...FLOWS, measure: "trades" };
  assert.deepEqual(sankey.table(counted, context).rows[1], ["Trend", "BTC", "20"]);
  assert.equal(sankey.empty({ ...FLOWS, links: { sources: [], targets: [], values: [] } }), true);
});

const CURVE = {
  timestamps: ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"],
  equity: [100, "101.000000000000000001", 99],
  drawdown: [0, 0, -0.0198],
  benchmark: [null, 100, "110.5"],
};

test("the curve shows its average only where it is switched on, and a benchmark only where there is one", () => {
  const names = (/** @type {any} */ data, /** @type {string[]} */ shows) => equity.model(data, { ...context, shows }).lines.map((/** @type {any} */ { values }) => values);
  assert.equal(names(CURVE, ["average"]).length, 3);
  assert.deepEqual(names(CURVE, []).at(-1), [null, 100, 110.5]);
  assert.equal(names({ ...CURVE, benchmark: null }, []).length, 1);
  assert.deepEqual(equity.table(CURVE, context).rows[2].at(-1), "110.50");
  assert.equal(equity.table({ ...CURVE, benchmark: null }, context).heads.length, 3);
});

test("what is kept of an address are its filters", () => {
  assert.deepEqual(filtersOf("?strategy=a&strategy=b&page=2&show=trade-1&edit=3&reset&min_pnl=-1"), { strategy: ["a", "b"], min_pnl: ["-1"] });
});
