import assert from "node:assert/strict";
import { test } from "node:test";

import { marksOf } from "app/charts/candle_marks.js";
import { lasts, load, timeAt, visible } from "app/charts/candle_window.js";
import { kind } from "app/charts/candles.js";
import { speak } from "./words.js";

speak("en");

const MINUTE = 60;
const BEGIN = Date.parse("2026-01-05T00:00:00Z") / 1000;
const at = (minute) => BEGIN + minute * MINUTE;
const stamp = (minute) => new Date(at(minute) * 1000).toISOString();
const candle = (minute, close = 10) => ({ timestamp: stamp(minute), open: 10, high: close + 1, low: 9, close, volume: 5 });
const source = "/api/market/BTC/USDT/ohlcv?account=main&timeframe=1m&limit=100";

/** A server with the candles of `count` minutes and some marks; it remembers what it was asked. */
function server(count, marks = [], has_more = false) {
  const asked = [];
  const read = async (address) => {
    const [path, query] = address.split("?");
    const parameters = Object.fromEntries(new URLSearchParams(query));
    asked.push([path.split("/").at(-1), parameters]);
    const [start, end] = [parameters.start, parameters.end].map((text) => text && Date.parse(text) / 1000);
    const within = (time) => (start === undefined || time >= start) && (end === undefined || time <= end);
    if (path.endsWith("signals")) return signals(marks.filter(({ minute }) => within(at(minute))), has_more);
    const found = Array.from({ length: count.now }, (_, minute) => candle(minute)).filter(({ timestamp }) => within(Date.parse(timestamp) / 1000));
    const limit = Number(parameters.limit);
    return { symbol: "BTC/USDT", timeframe: "1m", candles: start === undefined ? found.slice(-limit) : found.slice(0, limit) };
  };
  return { read, asked };
}

const signals = (marks, has_more = false) => ({
  timestamps: marks.map(({ minute }) => stamp(minute)),
  prices: marks.map(() => "10.5"),
  kinds: marks.map(({ kind: code }) => code ?? "buy"),
  actions: marks.map(({ action }) => action ?? "entry"),
  trades: marks.map(({ trade }) => trade ?? 1),
  strategies: marks.map(() => "Trend"),
  net_pnl: marks.map(({ net_pnl }) => net_pnl ?? null),
  stop_losses: marks.map(({ stop }) => stop ?? null),
  take_profits: marks.map(() => null),
  has_more,
});

const held = (candles, more = {}) => ({
  source, symbol: "BTC/USDT", timeframe: "1m", candles, last: Date.parse(candles.at(-1).timestamp) / 1000, oldest: true,
  signals: signals([]), marked: { from: 0, to: 0 }, ...more,
});

const range = (from, to) => ({ from: at(from), to: at(to) });
const minutes = ({ candles }) => [candles[0], candles.at(-1)].map(({ timestamp }) => (Date.parse(timestamp) / 1000 - BEGIN) / MINUTE);

test("a timeframe lasts as long as it says", () => {
  assert.deepEqual(["1m", "15m", "4h", "1d", "1w"].map(lasts), [60, 900, 14_400, 86_400, 604_800]);
});

test("the newest window comes first, then only what has come since", async () => {
  const count = { now: 500 };
  const { read, asked } = server(count);
  const first = await load(source, { read, known: null, range: null, moved: false });
  assert.deepEqual([minutes(first), first.oldest], [[400, 499], false]);
  count.now = 502;
  asked.length = 0;
  const next = await load(source, { read, known: first, range: null, moved: false });
  assert.deepEqual(minutes(next), [402, 501]);
  assert.equal(asked[0][1].start, stamp(499));
  assert.equal(asked[0][0], "ohlcv");
});

test("a long silence is answered by the whole window, not by its beginning", async () => {
  const count = { now: 200 };
  const { read } = server(count);
  const first = await load(source, { read, known: null, range: null, moved: false });
  count.now = 900;
  assert.deepEqual(minutes(await load(source, { read, known: first, range: null, moved: false })), [800, 899]);
});

test("looking further back reads a window around what is looked at, once", async () => {
  const { read, asked } = server({ now: 500 });
  const first = await load(source, { read, known: null, range: null, moved: false });
  const back = await load(source, { read, known: first, range: range(395, 415), moved: true });
  assert.deepEqual(minutes(back), [356, 455]);
  asked.length = 0;
  const beside = await load(source, { read, known: back, range: range(390, 410), moved: true });
  assert.equal(beside.candles, back.candles);
  assert.deepEqual(asked.map(([what]) => what), []);
  const end = await load(source, { read, known: back, range: range(470, 490), moved: true });
  assert.deepEqual(minutes(end), [400, 499]);
});

test("before the first candle nothing more is asked for", async () => {
  const { read, asked } = server({ now: 60 });
  const first = await load(source, { read, known: null, range: null, moved: false });
  assert.equal(first.oldest, true);
  asked.length = 0;
  await load(source, { read, known: first, range: range(0, 20), moved: true });
  assert.ok(asked.every(([what]) => what === "signals"));
});

test("where there are too many marks, those in view are asked for, and again when coming nearer", async () => {
  const { read, asked } = server({ now: 100 }, [], true);
  const first = await load(source, { read, known: null, range: range(40, 60), moved: false });
  assert.deepEqual(asked.filter(([what]) => what === "signals").map(([, { start, end }]) => [start, end]), [
    [stamp(20), stamp(80)],
    [stamp(40), stamp(60)],
  ]);
  asked.length = 0;
  await load(source, { read, known: first, range: range(45, 55), moved: true });
  assert.equal(asked.length, 2);
});

test("an unknown symbol holds nothing and is empty", async () => {
  const { read } = server({ now: 0 });
  assert.equal(kind.empty(await load(source, { read, known: null, range: null, moved: false })), true);
});

test("a range shows whole candles and never too few", () => {
  const data = held(Array.from({ length: 50 }, (_, minute) => candle(minute)));
  assert.deepEqual(visible(data, range(10, 30)), { first: 10, end: 30 });
  assert.deepEqual(visible(data, range(10, 11)), { first: 1, end: 11 });
  assert.deepEqual(visible(data, null), { first: 0, end: 50 });
  assert.deepEqual(visible(held([candle(0), candle(1)]), range(500, 600)), { first: 0, end: 2 });
});

test("places between candles are moments, also across a gap and beyond the ends", () => {
  const data = held([candle(0), candle(1), candle(11)]);
  assert.deepEqual([-1, 0, 0.5, 1.5, 2, 4].map((place) => timeAt(data, place)), [at(-1), at(0), at(0.5), at(6), at(11), at(13)]);
});

test("a mark stands on the candle that was open then", () => {
  const data = held([candle(0), candle(1), candle(11)], { signals: signals([{ minute: -1 }, { minute: 0.5 }, { minute: 1 }, { minute: 5 }, { minute: 11.9 }, { minute: 12 }]) });
  assert.deepEqual(marksOf(data, 0, 3).map(({ place }) => place), [0, 1, 2]);
  assert.deepEqual(marksOf(data, 2, 3).map(({ place }) => place), [0]);
});

const look = new Proxy({}, { get: () => "rgb(10, 20, 30)" });
const setting = { places: 2, now: new Date(stamp(60)), locale: "en", zone: "UTC", masked: false };

test("the drawing holds what is in view; indicators know what lies before", () => {
  const data = held(Array.from({ length: 60 }, (_, minute) => candle(minute, 10 + minute)));
  const model = kind.model(data, { setting, look, unit: "", range: range(30, 50), shows: ["sma", "rsi", "bollinger"] });
  assert.deepEqual([model.first, model.end, model.times.length], [30, 50, 20]);
  const [candles, volume, ...lines] = model.option.series;
  assert.deepEqual([candles.type, candles.data.length, volume.data.length], ["candlestick", 20, 20]);
  assert.ok(lines[0].data.every((value) => value !== null));
  assert.deepEqual(candles.data[0], [10, 40, 9, 41]);
  assert.equal(model.option.grid.length, 2);
  assert.equal(candles.markLine, undefined, "the last price is said beside the newest candle alone");
  const tip = new Map(model.tip(0));
  assert.equal(tip.get("close"), "40.000");
  assert.equal(tip.get("sma"), "30.500");
});

test("a stop far away does not press the candles flat, and what was won is told", () => {
  const marks = [{ minute: 10, stop: "1" }, { minute: 20, action: "exit", kind: "sell", net_pnl: "-12.5" }];
  const data = held(Array.from({ length: 60 }, (_, minute) => candle(minute)), { signals: signals(marks) });
  const model = kind.model(data, { setting, look, unit: "", range: null, shows: [] });
  assert.ok(model.option.yAxis[0].min > 8);
  const drawn = new Map(model.option.series.map(({ name, data: points }) => [name, points]));
  assert.deepEqual(drawn.get("limits").slice(0, 2), [[10, 1], [20, 1]]);
  assert.deepEqual(drawn.get("moves").slice(0, 2), [[10, 10.5], [20, 10.5]]);
  assert.equal(new Map(model.tip(20)).get("net_pnl"), "−12.50");
});

test("a sentence and a table say the same", () => {
  const data = held([candle(0), candle(1, 11)]);
  const context = { setting, look, unit: "" };
  assert.match(kind.summary(data, context), /^BTC\/USDT 1m, 5 Jan 2026, 00:00:00 UTC – 5 Jan 2026, 00:01:00 UTC, 11\.000, \+10\.00/);
  assert.deepEqual(kind.table(data, context).rows[1], [stamp(1), "10.000", "12.000", "9.0000", "11.000", "5"]);
});
