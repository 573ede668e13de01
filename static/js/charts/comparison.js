/** Strategies on the same days: what each had earned until then, or what it was worth. */

import { momentAt, spanOf } from "app/charts/focus.js";
import { series } from "app/charts/look.js";
import { write } from "app/core/format.js";
import { word } from "app/core/words.js";

/** @typedef {import("app/core/format.js").Setting} Setting */
/** @typedef {number | string} Figure */
/** @typedef {{strategy: {id: number, name: string}, equity: (Figure | null)[], cumulative: (Figure | null)[]}} Compared */
/** @typedef {{strategies: Compared[], timestamps: string[], count: number}} Comparison */

export const kind = overlay("signed-percent", (each) => each.cumulative.map((share) => (share === null ? null : Number(share) * 100)), 0);
export const equity = overlay("money", (each) => each.equity);

/**
 * @param {string} format
 * @param {(each: Compared) => (Figure | null)[]} figures
 * @param {number} [start] where all of them begin
 * @returns {import("app/charts/kind.js").Kind}
 */
function overlay(format, figures, start) {
  const drawn = (/** @type {Comparison} */ data) => data.strategies.filter((each) => figures(each).some((value) => value !== null));
  const last = (/** @type {Compared} */ each) => figures(each).findLast((value) => value !== null) ?? null;
  return {
    adapter: "timeline",
    pick: (data, { index }) => momentAt(data.timestamps[index]?.slice(0, 10), data.strategies.map((/** @type {Compared} */ { strategy }) => strategy.id).join(",")),

    /** @param {Comparison} data */
    empty: (data) => data.timestamps.length < 2,

    /** @param {Comparison} data */
    model: (data, { look, focus }) => ({
      times: data.timestamps.map((at) => Date.parse(at) / 1000),
      lines: drawn(data).map((each) => {
        const number = data.strategies.indexOf(each); // a line keeps its colour when another one has nothing to draw
        const { colour, dash } = series(look, number);
        const values = figures(each);
        return { name: each.strategy.name, values: values.map((value) => (value === null ? null : Number(value))), texts: values, format, colour, dash, width: number ? 1.25 : 2, stepped: true };
      }),
      level: start === undefined ? undefined : { value: start, text: "" },
      span: spanOf(focus),
      listed: true,
    }),

    /** @param {Comparison} data */
    summary: (data, { setting }) => drawn(data).map((each) => `${each.strategy.name} ${write(format, last(each), setting)}`).join(", "),

    /** @param {Comparison} data */
    table: (data, { setting }) => ({
      heads: [{ title: word("chart", "day") }, ...data.strategies.map((each) => ({ title: each.strategy.name, number: true }))],
      rows: data.timestamps.map((at, index) => [at.slice(0, 10), ...data.strategies.map((each) => write(format, figures(each)[index], setting))]),
    }),
  };
}
