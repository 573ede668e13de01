/** The value of the account as a step line, its moving average, its start and its deepest fall. */

import { averaged } from "app/charts/average.js";
import { momentAt, spanOf } from "app/charts/focus.js";
import { write } from "app/core/format.js";
import { word } from "app/core/words.js";

/** @typedef {{timestamps: string[], equity: (number | string)[], drawdown: (number | string | null)[], benchmark?: (number | string | null)[] | null}} Curve */

const AVERAGED = 24; // the average looks back over this part of the time shown

/** @param {string} at */
const seconds = (at) => Date.parse(at) / 1000;

/** @type {import("app/charts/kind.js").Kind} */
export const kind = {
  adapter: "timeline",
  pick: (data, { index }, of) => momentAt(data.timestamps[index], of),

  /** @param {Curve} data */
  empty: (data) => data.equity.length < 2,

  /** @param {Curve} data */
  model(data, { setting, look, focus, shows = ["average"] }) {
    const times = data.timestamps.map(seconds);
    const values = data.equity.map(Number);
    const window = (times[times.length - 1] - times[0]) / AVERAGED;
    const thin = { format: "money", width: 1, stepped: true };
    const beside = data.benchmark?.map((value) => (value === null ? null : Number(value)));
    return {
      times,
      lines: [
        { name: word("chart", "value"), values, texts: data.equity, format: "money", colour: look.acc, width: 1.75, fill: true, stepped: true },
        ...(shows.includes("average") ? [{ ...thin, name: `${word("chart", "average")} ${write("span", window, setting)}`, values: averaged(times, values, window), colour: look.quiet }] : []),
        ...(beside?.some((value) => value !== null) ? [{ ...thin, name: word("chart", "benchmark"), values: beside, colour: look.s2 }] : []),
      ],
      level: { value: values[0], text: `${word("chart", "start")} ${write("money", data.equity[0], setting)}` },
      span: spanOf(focus) ?? deepest(data, times, setting),
      tag: true,
    };
  },

  /** @param {Curve} data */
  summary(data, { setting }) {
    const ends = [0, data.equity.length - 1].map(
      (index) => `${write("day", data.timestamps[index], setting)} ${write("money", data.equity[index], setting)}`,
    );
    return ends.join(" – ");
  },

  /** @param {Curve} data */
  table(data, { setting }) {
    return {
      heads: [
        { title: word("chart", "time"), time: true },
        ...["value", "drawdown", ...(data.benchmark ? ["benchmark"] : [])].map((name) => ({ title: word("chart", name), number: true })),
      ],
      rows: data.timestamps.map((at, index) => [
        at,
        write("money", data.equity[index], setting),
        write("signed-percent", percent(data.drawdown[index]), setting),
        ...(data.benchmark ? [write("money", data.benchmark[index], setting)] : []),
      ]),
    };
  },

  /**
   * @param {Curve} data
   * @param {{timestamp: string, total_value: number | string}} row
   */
  append(data, row) {
    const last = data.timestamps.at(-1);
    if (last === undefined || seconds(row.timestamp) < seconds(last)) return null;
    const kept = seconds(row.timestamp) === seconds(last) ? data.timestamps.length - 1 : data.timestamps.length;
    const equity = [...data.equity.slice(0, kept), row.total_value];
    const peak = Math.max(...equity.map(Number));
    return {
      ...data,
      timestamps: [...data.timestamps.slice(0, kept), row.timestamp],
      equity,
      drawdown: [...data.drawdown.slice(0, kept), Math.min(Number(row.total_value) / peak - 1, 0)],
    };
  },
};

/** @param {number | string | null} share */
const percent = (share) => (share === null ? null : Number(share) * 100);

/**
 * The stretch from the peak to the trough of the deepest fall.
 * @param {Curve} data
 * @param {number[]} times
 * @param {import("app/core/format.js").Setting} setting
 */
function deepest(data, times, setting) {
  const falls = data.drawdown.map((fall) => Number(fall ?? 0));
  const trough = falls.indexOf(Math.min(...falls));
  if (!(falls[trough] < 0)) return undefined;
  let peak = trough;
  while (peak > 0 && falls[peak] < 0) peak -= 1;
  const text = `${word("chart", "max_drawdown")} ${write("signed-percent", falls[trough] * 100, setting)}`;
  return { from: times[peak], to: times[trough], text };
}
