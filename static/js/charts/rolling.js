/** The Sharpe ratio, the volatility and the beta of the last days, day by day. */

import { momentAt, spanOf } from "app/charts/focus.js";
import { write } from "app/core/format.js";
import { say, word } from "app/core/words.js";

/** @typedef {{window: number, dates: string[], sharpe_ratio: (number | string | null)[], volatility: (number | string | null)[], beta: (number | string | null)[] | null}} Rolling */
/** @typedef {import("app/charts/kind.js").Kind} Kind */

/** The first day that looks back far enough. @param {(number | null)[]} values */
const begins = (values) => values.findIndex((value) => value !== null);

/**
 * @param {string} name in the words of charts
 * @param {string} format
 * @param {(data: Rolling) => (number | null)[]} values
 * @returns {Kind}
 */
const rolling = (name, format, values) => ({
  adapter: "timeline",
  pick: (data, { index }, of) => momentAt(data.dates[begins(values(data)) + index], of),

  /** @param {Rolling} data */
  empty: (data) => values(data).filter((value) => value !== null).length < 2,

  /** @param {Rolling} data */
  model(data, { look, focus }) {
    const found = values(data);
    const first = begins(found);
    return {
      times: data.dates.slice(first).map((date) => Date.parse(date) / 1000),
      lines: [{ name: word("chart", name), values: found.slice(first), format, colour: look.acc, stepped: true }],
      level: { value: 0, text: "" },
      span: spanOf(focus),
      tag: true,
    };
  },

  /** @param {Rolling} data */
  summary(data, { setting }) {
    const known = values(data).filter((value) => value !== null);
    const texts = [Math.min(...known), Math.max(...known), known[known.length - 1]].map((value) => write(format, value, setting));
    return say("said", "rolling", { lowest: texts[0], highest: texts[1], now: texts[2] });
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
export const beta = rolling("beta", "signed-number-2", (data) => scaled(data.beta ?? []));
