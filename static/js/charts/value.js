/** What a part of the account was worth at the end of each day, with its moving average and what it is compared with. */

import { momentAt, spanOf } from "app/charts/focus.js";
import { write } from "app/core/format.js";
import { word } from "app/core/words.js";

/** @typedef {import("app/core/format.js").Setting} Setting */
/** @typedef {number | string} Figure */
/** @typedef {{dates: string[], equity: Figure[], sma: (Figure | null)[] | null, benchmark: (Figure | null)[] | null, total: number}} ValueLine */

/** @type {import("app/charts/kind.js").Kind} */
export const kind = {
  adapter: "timeline",
  pick: (data, { index }, of) => momentAt(data.dates[index], of),

  /** @param {ValueLine} data */
  empty: (data) => data.equity.length < 2,

  /** @param {ValueLine} data */
  model(data, { setting, look, focus }) {
    const lines = [{ name: word("chart", "value"), values: data.equity.map(Number), texts: data.equity, format: "money", colour: look.acc, width: 1.75, fill: true, stepped: true }];
    const others = [
      { name: word("chart", "average"), figures: data.sma, colour: look.quiet },
      { name: word("chart", "benchmark"), figures: data.benchmark, colour: look.s2 },
    ];
    return {
      times: data.dates.map((date) => Date.parse(date) / 1000),
      lines: [
        ...lines,
        ...others.flatMap(({ name, figures, colour }) =>
          figures?.some((figure) => figure !== null) ? [{ name, values: figures.map((figure) => (figure === null ? null : Number(figure))), format: "money", colour, width: 1, stepped: true }] : [],
        ),
      ],
      level: { value: Number(data.equity[0]), text: `${word("chart", "start")} ${write("money", data.equity[0], setting)}` },
      span: spanOf(focus),
      tag: true,
    };
  },

  /** @param {ValueLine} data */
  summary(data, { setting }) {
    const ends = [0, data.equity.length - 1].map((index) => `${write("day", data.dates[index], setting)} ${write("money", data.equity[index], setting)}`);
    return ends.join(" – ");
  },

  /** @param {ValueLine} data */
  table: (data, { setting }) => ({
    heads: ["day", "value", "average"].map((name, index) => ({ title: word("chart", name), number: index > 0 })),
    rows: data.dates.map((date, index) => [date, write("money", data.equity[index], setting), write("money", data.sma?.[index] ?? null, setting)]),
  }),
};
