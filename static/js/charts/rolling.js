/** The Sharpe ratio and the volatility of the last days, day by day. */

import { write } from "app/core/format.js";
import { word } from "app/core/words.js";

/** @typedef {{window: number, dates: string[], sharpe_ratio: (number | string | null)[], volatility: (number | string | null)[]}} Rolling */
/** @typedef {import("app/charts/kind.js").Kind} Kind */

/**
 * @param {string} name in the words of charts
 * @param {string} format
 * @param {(data: Rolling) => (number | null)[]} values
 * @returns {Kind}
 */
const rolling = (name, format, values) => ({
  adapter: "timeline",

  /** @param {Rolling} data */
  empty: (data) => values(data).filter((value) => value !== null).length < 2,

  /** @param {Rolling} data */
  model(data, { look }) {
    const found = values(data);
    const first = found.findIndex((value) => value !== null);
    return {
      times: data.dates.slice(first).map((date) => Date.parse(date) / 1000),
      lines: [{ name: word("chart", name), values: found.slice(first), format, colour: look.acc, stepped: true }],
      level: { value: 0, text: "" },
      tag: true,
    };
  },

  /** @param {Rolling} data */
  summary(data, { setting }) {
    const known = values(data).filter((value) => value !== null);
    const texts = [Math.min(...known), Math.max(...known), known[known.length - 1]].map((value) => write(format, value, setting));
    return `${word("chart", "lowest")} ${texts[0]}, ${word("chart", "highest")} ${texts[1]}, ${word("chart", "now")} ${texts[2]}`;
  },

  /** @param {Rolling} data */
  table(data, { setting }) {
    const found = values(data);
    return {
      heads: [{ title: word("chart", "time") }, { title: word("chart", name), number: true }],
      rows: data.dates.map((date, index) => [date, write(format, found[index], setting)]),
    };
  },
});

/** @param {(number | string | null)[]} figures */
const scaled = (figures, factor = 1) => figures.map((figure) => (figure === null ? null : Number(figure) * factor));

export const sharpe = rolling("sharpe", "signed-number-2", (data) => scaled(data.sharpe_ratio));
export const volatility = rolling("volatility", "percent", (data) => scaled(data.volatility, 100));
