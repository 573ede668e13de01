/** How far each trade went against and for the account before it closed, and what came of it. */

import { percentLabel, tooltip, valueAxis } from "app/charts/axes.js";
import { gain } from "app/charts/look.js";
import { exactTime, write } from "app/core/format.js";
import { say, word } from "app/core/words.js";

/** @typedef {import("app/charts/look.js").Look} Look */
/** @typedef {import("app/core/format.js").Setting} Setting */
/** @typedef {number | string} Figure */
/** @typedef {{ids: number[], symbols: string[], directions: string[], exit_times: string[], mae_pct: (Figure | null)[], mfe_pct: (Figure | null)[], pnl_pct: (Figure | null)[], net_pnl: Figure[], r_multiple: (Figure | null)[]}} Excursions */

/** @type {import("app/charts/kind.js").Kind} */
export const kind = {
  adapter: "figure",

  pick: (data, { data: item }) => (item?.trade === undefined ? null : `?show=trade-${data.ids[item.trade]}`),

  /** @param {Excursions} data */
  empty: (data) => known(data).length === 0,

  /** @param {Excursions} data */
  model(data, { setting, look }) {
    const axis = (/** @type {string} */ name) => ({
      ...valueAxis(look, percentLabel(setting)),
      name: word("chart", name),
      nameLocation: "middle",
      nameGap: 28,
      nameTextStyle: { color: look.t3, fontSize: 12 },
    });
    return {
      grid: { left: 12, right: 12, top: 32, bottom: 28, containLabel: true },
      xAxis: axis("mae"),
      yAxis: { ...axis("mfe"), position: "right", nameLocation: "end", nameGap: 12, nameTextStyle: { color: look.t3, fontSize: 12, align: "right" } },
      tooltip: { ...tooltip(look), formatter: (/** @type {{data: {trade: number}}} */ { data: { trade } }) => tip(data, trade, setting) },
      series: [
        {
          type: "scatter",
          symbolSize: 7,
          data: known(data).map((index) => ({ value: [Number(data.mae_pct[index]), Number(data.mfe_pct[index])], trade: index, itemStyle: dot(look, Number(data.net_pnl[index])) })),
        },
      ],
    };
  },

  /** @param {Excursions} data */
  summary(data, { setting }) {
    const shown = known(data);
    const middle = (/** @type {(Figure | null)[]} */ values) => median(shown.map((index) => Number(values[index])));
    return say("said", "excursions", { trades: write("count:trades", shown.length, setting), mae: write("percent", middle(data.mae_pct), setting), mfe: write("percent", middle(data.mfe_pct), setting) });
  },

  /** @param {Excursions} data */
  table: (data, { setting }) => ({
    heads: ["exit", "symbol", "mae", "mfe", "result", "net_pnl"].map((name, index) => ({ title: word("chart", name), number: index > 1 })),
    rows: data.ids.map((_, index) => [
      data.exit_times[index],
      data.symbols[index],
      write("signed-percent", data.mae_pct[index], setting),
      write("signed-percent", data.mfe_pct[index], setting),
      write("signed-percent", data.pnl_pct[index], setting),
      write("signed-money", data.net_pnl[index], setting),
    ]),
  }),
};

/** Those whose lowest and highest prices were reported. @param {Excursions} data */
const known = (data) => data.ids.map((_, index) => index).filter((index) => data.mae_pct[index] !== null && data.mfe_pct[index] !== null);

/** @param {number[]} values */
function median(values) {
  const order = [...values].sort((one, other) => one - other);
  const middle = Math.floor(order.length / 2);
  return order.length % 2 ? order[middle] : (order[middle - 1] + order[middle]) / 2;
}

/**
 * A gain is a dot, a loss a ring.
 * @param {Look} look
 * @param {number} result
 */
const dot = (look, result) => (result < 0 ? { color: look.panel, borderColor: look.dn, borderWidth: 1.5 } : { ...gain(look, result), opacity: 0.85 });

/**
 * @param {Excursions} data
 * @param {number} index
 * @param {Setting} setting
 */
function tip(data, index, setting) {
  const r = data.r_multiple[index];
  return [
    `${data.symbols[index]} ${word("direction", data.directions[index])}`,
    exactTime(data.exit_times[index], setting),
    `${word("chart", "mae")} ${write("signed-percent", data.mae_pct[index], setting)}`,
    `${word("chart", "mfe")} ${write("signed-percent", data.mfe_pct[index], setting)}`,
    `${word("chart", "net_pnl")} ${write("signed-money", data.net_pnl[index], setting)}${r === null ? "" : ` · ${write("signed-r", r, setting)} R`}`,
  ].join("\n");
}
