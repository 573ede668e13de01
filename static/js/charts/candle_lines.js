/** The lines over candles: indicators of their prices and volumes, each named where it ends. */

import { bollinger, ema, rsi, sma } from "app/charts/indicators.js";
import { FONT, FONT_SIZE, series } from "app/charts/look.js";
import { word } from "app/core/words.js";

/** @typedef {import("app/charts/candle_window.js").Candle} Candle */
/** @typedef {import("app/charts/indicators.js").Values} Values */
/** @typedef {import("app/charts/look.js").Look} Look */

export const NAME_ROOM = 15;
export const USUAL_HEIGHT = 440; // about that of the price's part, in pixels: enough to keep names apart

/**
 * @typedef {object} Drawn
 * @property {string} name in the tip
 * @property {string} [title] where the line ends, if it is another one
 * @property {Values} values
 * @property {Values} [band] how much higher the other edge is of what is shaded
 * @property {string} format
 * @property {string} colour
 * @property {number[]} [dash]
 * @property {number} [axis] 1 for volumes, 2 for strength
 * @property {boolean} [hidden] said in the tip alone
 */

/**
 * @param {Candle[]} candles
 * @param {string[]} shows
 * @param {Look} look
 * @returns {Drawn[]}
 */
export function indicators(candles, shows, look) {
  const closes = candles.map(({ close }) => close);
  const [second, fifth] = [series(look, 1), series(look, 4)];
  const name = (/** @type {string} */ code) => word("indicator", code);
  /** @type {Record<string, () => Drawn[]>} */
  const made = {
    sma: () => [{ name: name("sma"), values: sma(closes, 20), format: "price", ...second }],
    ema: () => [{ name: name("ema"), values: ema(closes, 50), format: "price", ...fifth }],
    bollinger: () => {
      const { upper, lower } = bollinger(closes, 20, 2);
      const width = upper.map((value, index) => (value === null ? null : value - Number(lower[index])));
      return [
        { name: `${name("bollinger")} ${word("chart", "high")}`, values: upper, colour: look.quiet, format: "price", hidden: true },
        { name: `${name("bollinger")} ${word("chart", "low")}`, title: name("bollinger"), values: lower, band: width, colour: look.quiet, format: "price" },
      ];
    },
    rsi: () => [{ name: name("rsi"), values: rsi(closes, 14), colour: look.acc, axis: 2, format: "number-1" }],
    volume_sma: () => [
      { name: name("volume_sma"), values: sma(candles.map(({ volume }) => volume), 20), colour: look.t3, axis: 1, format: "size" },
    ],
  };
  return shows.flatMap((code) => made[code]?.() ?? []);
}

/**
 * How far each name stands above the end of its line, so that none hides another.
 * @param {Drawn[]} drawn
 * @param {{low: number, reach: number}} scale
 * @returns {Map<Drawn, number>}
 */
export function lifted(drawn, { low, reach }) {
  const ends = drawn
    .filter(({ axis, hidden, values }) => !axis && !hidden && values.at(-1) !== null)
    .map((each) => ({ each, y: ((Number(each.values.at(-1)) - low) / reach) * USUAL_HEIGHT }))
    .sort((one, other) => one.y - other.y);
  let below = -Infinity;
  return new Map(
    ends.map(({ each, y }) => {
      below = Math.max(y, below + NAME_ROOM);
      return [each, below - y];
    }),
  );
}

/**
 * @param {Drawn} drawn
 * @param {number} lift of its name
 * @param {Look} look
 */
export function lineSeries({ name, title, values, colour, dash, axis = 0, band }, lift, look) {
  const line = { type: "line", yAxisIndex: axis, xAxisIndex: axis === 2 ? 1 : 0, symbol: "none", silent: true, z: 3, stack: band && "band", data: values };
  const lineStyle = { color: colour, width: 1.25, type: dash?.length ? dash : "solid" };
  const named = { show: !axis || axis === 2, formatter: title ?? name, color: band ? look.t3 : colour, align: "right", verticalAlign: "bottom", offset: [-8, -4 - lift], distance: 0, fontFamily: FONT, fontSize: FONT_SIZE, textBorderColor: look.panel, textBorderWidth: 3 };
  if (axis === 2) {
    const limits = { silent: true, symbol: "none", lineStyle: { color: look.line2, width: 1, type: [4, 4] }, label: { position: "end", distance: 8, color: look.t3, formatter: "{c}" }, data: [{ yAxis: 30 }, { yAxis: 70 }] };
    return [{ ...line, lineStyle, endLabel: named, markLine: limits }];
  }
  const above = band && { ...line, data: band, lineStyle, areaStyle: { color: look.accdim }, stackStrategy: "all" };
  return [{ ...line, lineStyle, endLabel: named }, ...(above ? [above] : [])];
}
