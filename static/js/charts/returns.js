/** What each day brought, as a bar: returns, or money where no capital is known. */

import { momentAt } from "app/charts/focus.js";
import { inPercent } from "app/charts/heat.js";
import { write } from "app/core/format.js";
import { say, word } from "app/core/words.js";

const DAY = 86_400;

/** @typedef {number | string} Figure */
/** @typedef {{dates: string[], returns: (Figure | null)[], cumulative: (Figure | null)[], net_pnl: Figure[], trades: number[]}} Returns */

/**
 * @param {Returns} data
 * @param {import("app/charts/kind.js").Context} context
 * @param {boolean} percent
 * @returns {import("app/charts/kind.js").LineModel}
 */
function bars(data, { look }, percent) {
  const times = data.dates.map((date) => Date.parse(date) / 1000 + DAY / 2);
  const line = { colour: look.up, width: 1.25, bars: true };
  const results = percent ? data.returns.map(hundredfold) : data.net_pnl.map(Number);
  return {
    times,
    extent: [times[0] - DAY / 2, times[times.length - 1] + DAY / 2],
    lines: [
      percent
        ? { ...line, name: word("chart", "result"), values: results, format: "signed-percent" }
        : { ...line, name: word("chart", "net_pnl"), values: results, texts: data.net_pnl, format: "signed-money" },
      ...(percent ? [told("net_pnl", data.net_pnl, "signed-money")] : []),
      told("trades", data.trades, "count"),
    ],
    level: { value: 0, text: "" },
  };
}

/**
 * Said in the tip, not drawn.
 * @param {string} name
 * @param {Figure[]} texts
 * @param {string} format
 */
const told = (name, texts, format) => ({ name: word("chart", name), values: texts.map(() => null), texts, format, colour: "transparent", width: 0 });

/** @type {import("app/charts/kind.js").Kind} */
export const kind = {
  adapter: "timeline",
  pick: (data, { index }, of) => momentAt(data.dates[index], of),

  /** @param {Returns} data */
  empty: (data) => data.dates.length === 0,

  /** @param {Returns} data */
  model: (data, context) => bars(data, context, inPercent(data)),

  /** @param {Returns} data */
  summary(data, { setting }) {
    const last = data.cumulative.findLast((value) => value !== null) ?? null;
    const days = write("count:days", data.dates.length, setting);
    return last === null ? days : say("said", "returns", { days, cumulative: write("signed-percent", hundredfold(last), setting) });
  },

  /** @param {Returns} data */
  table: (data, { setting }) => ({
    heads: ["day", "result", "cumulative", "net_pnl", "trades"].map((name, index) => ({ title: word("chart", name), number: index > 0 })),
    rows: data.dates.map((date, index) => [
      date,
      write("signed-percent", hundredfold(data.returns[index]), setting),
      write("signed-percent", hundredfold(data.cumulative[index]), setting),
      write("signed-money", data.net_pnl[index], setting),
      write("count", data.trades[index], setting),
    ]),
  }),
};

/** @param {Figure | null} share */
const hundredfold = (share) => (share === null ? null : Number(share) * 100);

/** What closed trades came to each day, in money also where a capital is known. @type {import("app/charts/kind.js").Kind} */
export const daily = {
  ...kind,

  /** @param {Returns} data */
  model: (data, context) => bars(data, context, false),

  /** @param {Returns} data */
  summary(data, { setting }) {
    const results = data.net_pnl.map(Number);
    const [best, worst] = [Math.max(...results), Math.min(...results)].map((result) => data.net_pnl[results.indexOf(result)]);
    return `${write("count:days", data.dates.length, setting)}. ${say("said", "best_worst", { best: write("signed-money", best, setting), worst: write("signed-money", worst, setting) })}`;
  },
};
