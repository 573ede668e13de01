/**
 * What the bot did, on the candles. An entry is in the accent colour, an exit says what it made: filled if it won, an
 * outline if it lost. The shape says what it was: up and down for buy and sell, a square for a stop, a diamond for a
 * target, a ring for a signal that was not followed.
 */

import { gain } from "app/charts/look.js";
import { indexAt, lasts, seconds } from "app/charts/candle_window.js";

/** @typedef {import("app/charts/candle_window.js").Held} Held */
/** @typedef {import("app/charts/look.js").Look} Look */

/**
 * @typedef {object} Mark
 * @property {number} place which of the candles in view
 * @property {number | string} price
 * @property {string} kind
 * @property {boolean} entry
 * @property {number} trade
 * @property {string} strategy
 * @property {number | string | null} net_pnl
 * @property {number | string | null} stop
 * @property {number | string | null} target
 */

/** @type {Record<string, {symbol: string, size?: number, turned?: number, offset?: string}>} */
const SHAPES = {
  buy: { symbol: "triangle", offset: "60%" },
  sell: { symbol: "triangle", turned: 180, offset: "-60%" },
  stop_loss: { symbol: "rect", size: 7.5 },
  take_profit: { symbol: "diamond" },
  signal: { symbol: "circle" },
};
const SIZE = 10;
const WORTH_A_LEVEL = 4; // candles: on shorter trades stops and targets would be dots

/**
 * The marks on the candles from `first` to before `end`.
 * @param {Held} held
 * @param {number} first
 * @param {number} end
 * @returns {Mark[]}
 */
export function marksOf({ candles, signals, timeframe }, first, end) {
  return signals.timestamps.flatMap((timestamp, index) => {
    const at = seconds(timestamp);
    const place = indexAt(candles, at + 0.001) - 1;
    if (place < first || place >= end || at >= seconds(candles[place].timestamp) + lasts(timeframe)) return [];
    return {
      place: place - first,
      price: signals.prices[index],
      kind: signals.kinds[index],
      entry: signals.actions[index] === "entry",
      trade: signals.trades[index],
      strategy: signals.strategies[index],
      net_pnl: signals.net_pnl[index],
      stop: signals.stop_losses[index],
      target: signals.take_profits[index],
    };
  });
}

/**
 * @param {Mark[]} marks
 * @param {number} count of candles in view
 * @param {Look} look
 */
export function markSeries(marks, count, look) {
  return [
    ...segments(marks, count, look),
    {
      type: "scatter",
      name: "marks",
      z: 5,
      data: marks.map((mark) => {
        const { symbol, size = SIZE, turned, offset } = SHAPES[mark.kind] ?? SHAPES.signal;
        return {
          value: [mark.place, Number(mark.price)],
          trade: mark.trade,
          action: mark.entry ? "entry" : "exit",
          symbol,
          symbolSize: size,
          symbolRotate: turned,
          symbolOffset: [0, offset ?? 0],
          itemStyle: paint(mark, look),
        };
      }),
    },
  ];
}

/**
 * @param {Mark} mark
 * @param {Look} look
 */
function paint(mark, look) {
  if (mark.kind === "signal") return { color: look.panel, borderColor: look.t2, borderWidth: 1.25 };
  if (mark.entry) return { color: look.acc, borderColor: look.panel, borderWidth: 1 };
  return { borderColor: look.panel, borderWidth: 1, ...gain(look, Number(mark.net_pnl ?? 0)) };
}

/**
 * From each entry to its exit, and the stops and targets for as long as the trade lasted.
 * @param {Mark[]} marks
 * @param {number} count
 * @param {Look} look
 */
function segments(marks, count, look) {
  const exits = new Map(marks.filter(({ entry }) => !entry).map((mark) => [mark.trade, mark]));
  /** @type {(number | null)[][]} */
  const moves = [];
  /** @type {(number | null)[][]} */
  const limits = [];
  for (const mark of marks) {
    if (!mark.entry) continue;
    const exit = exits.get(mark.trade);
    if (exit) moves.push([mark.place, Number(mark.price)], [exit.place, Number(exit.price)], [null, null]);
    const last = exit?.place ?? count - 1;
    for (const level of last - mark.place < WORTH_A_LEVEL ? [] : [mark.stop, mark.target]) {
      if (level !== null) limits.push([mark.place, Number(level)], [last, Number(level)], [null, null]);
    }
  }
  const line = { type: "line", symbol: "none", silent: true, z: 4 };
  return [
    { ...line, name: "moves", data: moves, lineStyle: { color: look.t2, width: 1, type: [2, 3] } },
    { ...line, name: "limits", data: limits, lineStyle: { color: look.warn, width: 1, type: [4, 4], opacity: 0.7 } },
  ];
}
