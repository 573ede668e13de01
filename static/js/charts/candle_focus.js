/**
 * What a chart of candles is about: its entry and its exit with their times and prices, what was won or lost between
 * them, and how far the price went meanwhile.
 */

import { indexAt, seconds } from "app/charts/candle_window.js";
import { FONT, FONT_SIZE, mixed } from "app/charts/look.js";
import { write } from "app/core/format.js";

/** @typedef {import("app/charts/candle_window.js").Candle} Candle */
/** @typedef {import("app/charts/kind.js").Context} Context */
/** @typedef {import("app/charts/kind.js").Focus} Focus */
/** @typedef {{place: number, at: string, price: number | null, title: string, kind: string}} Placed */

export const HEAD = 40; // pixels above the candles for what the marks are called
const [SHADE, EDGE] = [0.16, 0.12]; // of the colour; of the width, which a name takes

/**
 * The marks on the candles in view.
 * @param {Candle[]} seen
 * @param {Focus | undefined} focus
 * @returns {Placed[]}
 */
export const placed = (seen, focus) =>
  (focus?.marks ?? []).flatMap(({ at, price, title, kind }) => {
    if (kind === "note") return []; // it is marked as every annotation is
    const place = indexAt(seen, seconds(at) + 0.001) - 1;
    return place < 0 || seconds(at) > ending(seen) ? [] : [{ place, at, title, kind, price: price === null || price === undefined ? null : Number(price) }];
  });

/** When the last candle ends, as far as the one before it tells. @param {Candle[]} seen */
function ending(seen) {
  const [before, last] = [seen.at(-2), seen.at(-1)].map((candle) => (candle ? seconds(candle.timestamp) : 0));
  return last + (before ? last - before : Infinity);
}

/** The prices that have to be seen. @param {Focus | undefined} focus */
export const levels = (focus) => [...(focus?.marks ?? []), ...(focus?.extremes ?? [])].flatMap(({ price }) => (price === null || price === undefined ? [] : [Number(price)]));

/**
 * @param {Candle[]} seen
 * @param {Context} context
 */
export function focusSeries(seen, context) {
  const { focus, look, setting } = context;
  const marks = placed(seen, focus);
  if (!focus || !marks.length) return [];
  const last = seen.length - 1;
  const text = (/** @type {number | string} */ price) => write("price", price, setting).trim();
  const label = { fontFamily: FONT, fontSize: FONT_SIZE };
  const lines = marks.flatMap(({ place, at, price, title }, number) => {
    const apart = marks.length > 1 ? Math.abs(marks[0].place - marks[1].place) : last;
    const beside = number || marks.length === 1 || (place < last * EDGE && apart > last * EDGE) ? "left" : "right"; // the side of the text that the line is on
    const named = { show: true, position: "end", distance: 4, align: beside, padding: [0, 3], color: look.t2, formatter: `{name|${title}}\n${write("clock", at, setting)}`, rich: { name: { color: look.t1, ...label } }, lineHeight: 15, ...label };
    const upright = { xAxis: place, label: named, lineStyle: { color: look.line2, type: [2, 3], width: 1 } };
    if (price === null) return [upright];
    const tag = { show: true, position: "end", distance: 4, formatter: text(price), padding: [4, 6], borderRadius: 3, fontWeight: 600, ...tagged(number, look), ...label };
    const level = { coord: [place, price], symbol: "none", label: tag, lineStyle: { color: look.quiet, type: [1, 3], width: 1 } };
    return [upright, [level, { coord: [last, price], symbol: "none" }]];
  });
  return [{ type: "line", silent: true, symbol: "none", z: 6, data: [], markLine: { silent: true, symbol: "none", animation: false, data: lines }, markArea: shade(marks, last, context) }, ...reaches(marks, last, context)];
}

/** The price of the entry stands in the accent, that of the exit is quiet. @param {number} number @param {import("app/charts/look.js").Look} look */
const tagged = (number, look) => (number ? { backgroundColor: look.t2, color: look.panel } : { backgroundColor: look.accfill, color: look.onacc });

/**
 * What lies between entry and exit.
 * @param {Placed[]} marks
 * @param {number} last
 * @param {Context} context
 */
function shade([entry, exit], last, { focus, look }) {
  if (entry.price === null || !exit || exit.price === null) return undefined;
  const hue = focus?.sign === "up" ? look.up : focus?.sign === "down" ? look.dn : look.quiet;
  const area = { coord: [entry.place, entry.price], itemStyle: { color: mixed(hue, look.panel, SHADE), opacity: 0.9 } };
  return { silent: true, animation: false, data: [[area, { coord: [Math.min(exit.place, last), exit.price] }]] };
}

/**
 * How far the price went against and for the trade: a short line at each price, as wide as the trade was long.
 * @param {Placed[]} marks
 * @param {number} last
 * @param {Context} context
 */
function reaches(marks, last, { focus, look, setting }) {
  const [from, to] = [marks[0].place, marks[1]?.place ?? last];
  return (focus?.extremes ?? []).map(({ name, price, percent }) => {
    const above = Number(price) >= Number(marks[0].price ?? price);
    const turned = to > last * (1 - 2 * EDGE);
    const said = percent === null ? name : `${name} ${write("signed-percent", percent, setting)}`;
    const label = { show: true, formatter: said, position: "insideEndTop", color: look.t2, fontFamily: FONT, fontSize: FONT_SIZE, align: turned ? "right" : "left", distance: 4, textBorderColor: look.panel, textBorderWidth: 3, verticalAlign: above ? "bottom" : "top", offset: [0, above ? -3 : 3] };
    const line = { color: look.t3, width: 1, type: "solid" };
    const data = [[from, Number(price)], [to, Number(price)]];
    return { type: "line", silent: true, symbol: "none", z: 6, data, lineStyle: line, endLabel: { ...label, position: undefined } };
  });
}
