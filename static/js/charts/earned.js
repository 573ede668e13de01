/** What closed trades had earned until the end of each day, in money: for strategies whose capital is not known. */

import { momentAt, spanOf } from "app/charts/focus.js";
import { write } from "app/core/format.js";
import { word } from "app/core/words.js";

/** @typedef {number | string} Figure */
/** @typedef {{dates: string[], net_pnl: Figure[], trades: number[]}} Returns */

/** @type {import("app/charts/kind.js").Kind} */
export const kind = {
  adapter: "timeline",
  pick: (data, { index }, of) => momentAt(data.dates[index], of),

  /** @param {Returns} data */
  empty: (data) => data.dates.length < 2,

  /** @param {Returns} data */
  model: (data, { look, focus }) => ({
    times: data.dates.map((date) => Date.parse(date) / 1000),
    lines: [{ name: word("chart", "net_pnl"), values: summed(data), format: "signed-money", colour: look.acc, width: 1.75, fill: true, stepped: true }],
    level: { value: 0, text: "" },
    span: spanOf(focus),
    tag: true,
  }),

  /** @param {Returns} data */
  summary: (data, { setting }) => `${write("count:days", data.dates.length, setting)}, ${write("signed-money", summed(data).at(-1), setting)}`,

  /** @param {Returns} data */
  table(data, { setting }) {
    const values = summed(data);
    return {
      heads: ["day", "net_pnl", "cumulative"].map((name, index) => ({ title: word("chart", name), number: index > 0 })),
      rows: data.dates.map((date, index) => [date, write("signed-money", data.net_pnl[index], setting), write("signed-money", values[index], setting)]),
    };
  },
};

/** @param {Returns} data */
function summed(data) {
  let sum = 0;
  return data.net_pnl.map((amount) => (sum += Number(amount)));
}
