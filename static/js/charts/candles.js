/** Candles with their volume, what the bot did on them, and the indicators that are switched on. */

import { focusSeries, HEAD, levels } from "app/charts/candle_focus.js";
import { indicators, lifted, lineSeries, NAME_ROOM, USUAL_HEIGHT } from "app/charts/candle_lines.js";
import { marksOf, markSeries } from "app/charts/candle_marks.js";
import { lasts, load, seconds, timeAt, visible } from "app/charts/candle_window.js";
import { FONT, FONT_SIZE } from "app/charts/look.js";
import { exactTime, fixed, local, write } from "app/core/format.js";
import { word } from "app/core/words.js";

/** @typedef {import("app/charts/candle_window.js").Candle} Candle */
/** @typedef {import("app/charts/candle_lines.js").Drawn} Drawn */
/** @typedef {import("app/charts/candle_window.js").Held} Held */
/** @typedef {import("app/charts/kind.js").Context} Context */
/** @typedef {import("app/charts/indicators.js").Values} Values */

/**
 * @typedef {object} CandleModel
 * @property {object} option of ECharts
 * @property {number} first which of the held candles is the first in view
 * @property {number} end the one after the last in view
 * @property {number} held how many there are
 * @property {number} most how many may be in view: some are kept beside them, to be dragged in while others are read
 * @property {(place: number) => number} timeAt seconds
 * @property {number[]} times of the candles in view, seconds
 * @property {number} bottom pixels below the candles
 * @property {(index: number) => string[][]} tip rows of label and text
 */

export const AXIS_WIDTH = 72;
const TIMES = 32;
const STRENGTH = 96;
const GAP = 12;
const TICKS = 8;
const EDGE = 0.03; // of the width: a moment at the very left would be cut off
const SPARE = 0.8;
const HOUR = 3600;
const DAY = 86_400;
const ROUND = [300, 900, 1800, HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 91 * DAY, 182 * DAY, 364 * DAY];

/** @type {import("app/charts/kind.js").Kind} */
export const kind = {
  adapter: "candles",
  load,
  pick: (_, { data: item }) => (item?.trade === undefined ? null : `?show=signal-${item.trade}/${item.action}`),

  /** @param {Held} data */
  empty: (data) => data.candles.length === 0,

  /**
   * @param {Held} data
   * @param {Context} context
   * @returns {CandleModel}
   */
  model(data, context) {
    const { look, range = null, shows = [], focus } = context;
    const { first, end } = visible(data, range, focus !== undefined);
    const seen = data.candles.slice(first, end);
    const marks = marksOf(data, first, end).filter(({ trade }) => focus?.trade === undefined || focus.trade === trade);
    const inView = (/** @type {Values} */ values) => values.slice(first, end);
    const drawn = indicators(data.candles, shows, look).map((each) => ({ ...each, values: inView(each.values), band: each.band && inView(each.band) }));
    const strength = shows.includes("rsi");
    const most = data.candles.length;
    const complete = data.oldest && seconds(data.candles[most - 1].timestamp) >= data.last;
    const newest = !focus && seconds(seen[seen.length - 1].timestamp) >= data.last; // else other prices stand on the axis
    const scale = scaleOf(seen, drawn, [...marks.map(({ price }) => Number(price)), ...levels(focus)]);
    const lifts = lifted(drawn, scale);
    return {
      option: {
        grid: grids(strength, focus ? HEAD : 8),
        tooltip: crosshair(context),
        axisPointer: { link: [{ xAxisIndex: "all" }] },
        ...axes(seen, scale, strength, newest, context),
        series: [
          candleSeries(seen, newest, context),
          volumeSeries(seen, look),
          ...drawn.filter(({ hidden }) => !hidden).flatMap((each) => lineSeries(each, lifts.get(each) ?? 0, look)),
          ...focusSeries(seen, context),
          ...markSeries(marks, seen.length, look),
        ],
      },
      first,
      end,
      most: complete ? most : Math.floor(most * SPARE),
      held: most,
      timeAt: (place) => timeAt(data, place),
      times: seen.map(({ timestamp }) => seconds(timestamp)),
      bottom: TIMES + (strength ? STRENGTH + GAP : 0),
      tip: (index) => tip(data, first + index, index, drawn, marks, context),
    };
  },

  /** @param {Held} data @param {Context} context */
  summary(data, { setting, range = null, focus }) {
    const { first, end } = visible(data, range, focus !== undefined);
    const [begins, ends] = [data.candles[first], data.candles[end - 1]];
    const times = [begins, ends].map(({ timestamp }) => exactTime(timestamp, setting)).join(" – ");
    return `${data.symbol} ${data.timeframe}, ${times}, ${write("price", ends.close, setting).trim()}, ${write("signed-percent", (ends.close / begins.open - 1) * 100, setting)}`;
  },

  /** @param {Held} data */
  table: (data, { setting }) => ({
    heads: [{ title: word("chart", "time") }, ...["open", "high", "low", "close", "volume"].map((code) => ({ title: word("chart", code), number: true }))],
    rows: data.candles.map((candle) => [
      candle.timestamp,
      ...[candle.open, candle.high, candle.low, candle.close].map((price) => write("price", price, setting).trim()),
      write("size", candle.volume, setting),
    ]),
  }),
};

/**
 * @param {boolean} strength whether there is a second one below
 * @param {number} top pixels above
 */
function grids(strength, top) {
  const wide = { left: 0, right: AXIS_WIDTH, outerBoundsMode: "none" }; // places are reckoned by the width
  const price = { ...wide, top, bottom: TIMES + (strength ? STRENGTH + GAP : 0) };
  return strength ? [price, { ...wide, height: STRENGTH - GAP, bottom: TIMES }] : [price];
}

/** @typedef {{low: number, high: number, reach: number}} Scale */

/**
 * The prices that have to be seen.
 * @param {Candle[]} seen
 * @param {Drawn[]} drawn
 * @param {number[]} prices of marks and levels
 * @returns {Scale}
 */
function scaleOf(seen, drawn, prices) {
  const others = [...prices, ...drawn.filter(({ axis }) => !axis).flatMap(({ values }) => values.filter((value) => value !== null))];
  const low = Math.min(...seen.map((candle) => candle.low), ...others);
  const high = Math.max(...seen.map((candle) => candle.high), ...others);
  return { low, high, reach: high - low || Math.abs(high) * 0.01 || 1 };
}

/**
 * @param {Candle[]} seen
 * @param {Scale} scale
 * @param {boolean} strength
 * @param {boolean} newest whether the last price stands on the axis
 * @param {Context} context
 */
function axes(seen, { low, high, reach }, strength, newest, { setting, look }) {
  const last = newest ? seen[seen.length - 1].close : Infinity;
  const places = Math.min(Math.max(Math.ceil(-Math.log10(reach / 5)), 0), 10);
  const label = { color: look.t3, fontFamily: FONT, fontSize: FONT_SIZE, margin: 8 };
  const quiet = { axisLine: { show: false }, axisTick: { show: false } };
  const text = (/** @type {number} */ price) => (Math.abs(price - last) < (reach * NAME_ROOM) / USUAL_HEIGHT ? "" : fixed(price, places, setting));
  const times = { type: "category", data: seen.map(({ timestamp }) => timestamp), ...quiet, splitLine: { show: false } };
  const ticks = rounded(seen.map(({ timestamp }) => timestamp), setting);
  const dated = {
    ...times,
    axisLabel: { ...label, hideOverlap: true, interval: (/** @type {number} */ index) => ticks.has(index), formatter: (/** @type {string} */ _, /** @type {number} */ index) => ticks.get(index) ?? "" },
    axisPointer: { label: { formatter: (/** @type {{value: string}} */ { value }) => `${write("day", value, setting)} ${write("clock", value, setting)}` } },
  };
  const undated = { ...times, axisLabel: { show: false }, axisPointer: { label: { show: false } } };
  return {
    xAxis: strength ? [{ ...undated, gridIndex: 0 }, { ...dated, gridIndex: 1 }] : [dated],
    yAxis: [
      {
        ...quiet,
        position: "right",
        min: low - reach * 0.22, // room for the volume
        max: high + reach * 0.05,
        splitNumber: 5,
        axisLabel: { ...label, showMinLabel: false, showMaxLabel: false, formatter: text },
        splitLine: { showMinLine: false, showMaxLine: false, lineStyle: { color: look.grid } },
        axisPointer: { label: { formatter: (/** @type {{value: number}} */ { value }) => fixed(value, places + 1, setting) } },
      },
      { show: false, min: 0, max: (/** @type {{max: number}} */ { max }) => max * 6 || 1, axisPointer: { show: false } },
      ...(strength
        ? [{ ...quiet, gridIndex: 1, position: "right", min: 0, max: 100, axisLabel: { show: false }, splitLine: { show: false }, axisPointer: { label: { show: false } } }]
        : []),
    ],
  };
}

/**
 * Where moments are written below the candles: where a round stretch of time begins on the person's clock.
 * @param {string[]} timestamps
 * @param {import("app/core/format.js").Setting} setting
 */
function rounded(timestamps, setting) {
  const clock = timestamps.map((at) => local(at, setting).getTime() / 1000);
  const wanted = (clock[clock.length - 1] - clock[0]) / TICKS;
  const length = ROUND.find((each) => each >= wanted) ?? ROUND[ROUND.length - 1];
  const begun = clock.map((at) => Math.floor(at / length));
  /** @type {Map<number, string>} */
  const found = new Map();
  timestamps.forEach((at, index) => {
    if (index < timestamps.length * EDGE || begun[index] === begun[index - 1]) return;
    const day = length >= DAY || Math.floor(clock[index] / DAY) > Math.floor(clock[index - 1] / DAY);
    found.set(index, write(day ? "day" : "clock", at, setting));
  });
  return found;
}

/** @param {Context} context */
function crosshair({ look }) {
  const label = { backgroundColor: look.pop, borderColor: look.line2, borderWidth: 1, color: look.t1, fontFamily: FONT, fontSize: FONT_SIZE, padding: [3, 6], shadowBlur: 0 };
  const lineStyle = { color: look.quiet, width: 1, type: [2, 3] };
  return { trigger: "axis", showContent: false, axisPointer: { type: "cross", label, lineStyle, crossStyle: lineStyle } };
}

/**
 * @param {Candle[]} seen
 * @param {boolean} newest whether the last one is the newest of all
 * @param {Context} context
 */
function candleSeries(seen, newest, { setting, look }) {
  const last = seen[seen.length - 1].close;
  const tag = { position: "end", distance: 4, formatter: write("price", last, setting).trim(), backgroundColor: look.accfill, color: look.onacc, padding: [4, 6], borderRadius: 3, fontFamily: FONT, fontSize: FONT_SIZE, fontWeight: 600 };
  return {
    type: "candlestick",
    barMaxWidth: 14,
    itemStyle: { color: look.up, borderColor: look.up, color0: look.panel, borderColor0: look.dn, borderWidth: 1 },
    data: seen.map(({ open, close, low, high }) => [open, close, low, high]),
    markLine: newest ? { silent: true, symbol: "none", lineStyle: { color: look.quiet, width: 1, type: [1, 3] }, label: tag, data: [{ yAxis: last }] } : undefined,
  };
}

/**
 * @param {Candle[]} seen
 * @param {import("app/charts/look.js").Look} look
 */
function volumeSeries(seen, look) {
  return { type: "bar", yAxisIndex: 1, silent: true, z: 1, barMaxWidth: 14, itemStyle: { color: look.line2, opacity: 0.7 }, data: seen.map(({ volume }) => volume) };
}

/**
 * @param {Held} data
 * @param {number} place among all candles
 * @param {number} index among those in view
 * @param {Drawn[]} drawn
 * @param {import("app/charts/candle_marks.js").Mark[]} marks
 * @param {Context} context
 */
function tip(data, place, index, drawn, marks, { setting }) {
  const candle = data.candles[place];
  const before = place ? data.candles[place - 1].close : candle.open;
  const price = (/** @type {any} */ value) => write("price", value, setting).trim();
  const rows = [
    [exactTime(candle.timestamp, setting), ""],
    ...["open", "high", "low", "close"].map((code) => [word("chart", code), price(/** @type {any} */ (candle)[code])]),
    [word("chart", "change"), before ? write("signed-percent", (candle.close / before - 1) * 100, setting) : write("price", null, setting)],
    [word("chart", "volume"), write("size", candle.volume, setting)],
    ...drawn.map((each) => [each.name, write(each.format, each.values[index], setting).trim()]),
  ];
  for (const mark of marks) {
    if (mark.place !== index) continue;
    rows.push([`${word("signal", mark.kind)} ${mark.strategy}`, price(mark.price)]);
    if (mark.net_pnl !== null) rows.push([word("chart", "net_pnl"), write("signed-money", mark.net_pnl, setting)]);
    if (mark.stop !== null) rows.push([word("chart", "stop"), price(mark.stop)]);
    if (mark.target !== null) rows.push([word("chart", "target"), price(mark.target)]);
  }
  return rows;
}
