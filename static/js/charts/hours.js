/** When trades were closed, hour by weekday: how many in each cell, its colour is what they came to. */

import { nameAxis, tooltip } from "app/charts/axes.js";
import { cells, heat, largest } from "app/charts/heat.js";
import { write } from "app/core/format.js";
import { say, word } from "app/core/words.js";

/** @typedef {import("app/core/format.js").Setting} Setting */
/** @typedef {{timezone: string, by: string, trades: number[][], winning_trades: number[][], net_pnl: (number | string)[][]}} Hours */

const HOURS = 24;
const HEIGHT = 264;
const MARKS = new Map([[-1, "▾"], [1, "▴"]]);

/** @type {import("app/charts/kind.js").Kind} */
export const kind = {
  adapter: "figure",

  /** @param {Hours} data */
  empty: (data) => data.trades.flat().every((count) => count === 0),

  height: () => HEIGHT,

  /** @param {Hours} data */
  model(data, { setting, look }) {
    const most = largest(data.net_pnl.flat());
    const axis = { ...nameAxis(look, Array.from({ length: HOURS }, (_, hour) => String(hour).padStart(2, "0"))), axisLine: { show: false } };
    return {
      grid: { left: 8, right: 8, top: 4, bottom: 4, containLabel: true },
      xAxis: { ...axis, position: "top" },
      yAxis: { ...nameAxis(look, data.trades.map((_, weekday) => dayName(weekday))), axisLine: { show: false }, inverse: true },
      tooltip: { ...tooltip(look), formatter: (/** @type {{value: number[]}} */ { value: [hour, weekday] }) => tip(data, weekday, hour, setting) },
      series: [
        {
          ...cells(look),
          data: data.trades.flatMap((row, weekday) =>
            row.map((count, hour) => {
              const result = Number(data.net_pnl[weekday][hour]);
              return {
                value: [hour, weekday, 0],
                itemStyle: { color: count ? heat(look, result, most) : look.grid, opacity: count ? 1 : 0.5 },
                label: { show: count > 0, color: look.t1, formatter: `${write("count", count, setting)}${MARKS.get(Math.sign(result)) ?? ""}` },
              };
            }),
          ),
        },
      ],
    };
  },

  /** @param {Hours} data */
  summary(data, { setting }) {
    const order = slots(data).sort((one, other) => Number(one.result) - Number(other.result));
    const said = (/** @type {Slot} */ { weekday, hour, result }) => `${dayName(weekday)} ${clock(hour)} ${write("signed-money", result, setting)}`;
    return say("said", "best_worst", { best: said(order[order.length - 1]), worst: said(order[0]) });
  },

  /** @param {Hours} data */
  table: (data, { setting }) => ({
    heads: ["weekday", "hour", "trades", "wins", "net_pnl"].map((name, index) => ({ title: word("chart", name), number: index > 1 })),
    rows: slots(data).map(({ weekday, hour, count, wins, result }) => [
      dayName(weekday),
      clock(hour),
      write("count", count, setting),
      write("count", wins, setting),
      write("signed-money", result, setting),
    ]),
  }),
};

/** @typedef {{weekday: number, hour: number, count: number, wins: number, result: number | string}} Slot */

/** @param {number} weekday */
const dayName = (weekday) => word("weekday", String(weekday + 1));
/** @param {number} hour */
const clock = (hour) => `${String(hour).padStart(2, "0")}:00`;

/**
 * The hours in which something was closed.
 * @param {Hours} data
 * @returns {Slot[]}
 */
const slots = (data) =>
  data.trades.flatMap((row, weekday) =>
    row.map((count, hour) => ({ weekday, hour, count, wins: data.winning_trades[weekday][hour], result: data.net_pnl[weekday][hour] })).filter(({ count }) => count > 0),
  );

/**
 * @param {Hours} data
 * @param {number} weekday
 * @param {number} hour
 * @param {Setting} setting
 */
function tip(data, weekday, hour, setting) {
  const [count, wins] = [data.trades[weekday][hour], data.winning_trades[weekday][hour]];
  const trades = write("count:trades", count, setting);
  return [
    `${dayName(weekday)} ${clock(hour)}–${clock((hour + 1) % HOURS)}`,
    count ? say("said", "wins", { trades, rate: write("percent-1", (100 * wins) / count, setting) }) : trades,
    write("signed-money", data.net_pnl[weekday][hour], setting),
  ].join("\n");
}
