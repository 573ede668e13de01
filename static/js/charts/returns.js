/** What each day brought, as a bar: returns, or money where no capital is known. */

import { nameAxis, percentLabel, tooltip, valueAxis } from "app/charts/axes.js";
import { inPercent } from "app/charts/heat.js";
import { gain } from "app/charts/look.js";
import { write } from "app/core/format.js";
import { word } from "app/core/words.js";

/** @typedef {import("app/core/format.js").Setting} Setting */
/** @typedef {number | string} Figure */
/** @typedef {{dates: string[], returns: (Figure | null)[], cumulative: (Figure | null)[], net_pnl: Figure[], trades: number[]}} Returns */

const OUTLINED = 240; // more bars are too thin for an outline

/** @type {import("app/charts/kind.js").Kind} */
export const kind = {
  adapter: "figure",

  /** @param {Returns} data */
  empty: (data) => data.dates.length === 0,

  /** @param {Returns} data */
  model(data, { setting, look }) {
    const percent = inPercent(data);
    const values = percent ? data.returns.map(hundredfold) : data.net_pnl.map(Number);
    const thin = data.dates.length > OUTLINED;
    return {
      xAxis: { ...nameAxis(look, data.dates.map((date) => write("day", date, setting))), axisLine: { onZero: true, lineStyle: { color: look.line2 } }, axisLabel: { color: look.t3, hideOverlap: true, margin: 12 } },
      yAxis: { ...valueAxis(look, percent ? percentLabel(setting, true) : (value) => write("signed-money", value, setting)), position: "right", splitNumber: 2 },
      tooltip: {
        ...tooltip(look),
        formatter: (/** @type {{dataIndex: number}} */ { dataIndex }) => tip(data, dataIndex, setting),
      },
      series: [
        {
          type: "bar",
          barCategoryGap: "20%",
          barMaxWidth: 32,
          data: values.map((value) => ({ value, itemStyle: value !== null && value < 0 && thin ? { color: look.dn } : gain(look, value ?? 0) })),
        },
      ],
    };
  },

  /** @param {Returns} data */
  summary(data, { setting }) {
    const last = data.cumulative.findLast((value) => value !== null) ?? null;
    const total = last === null ? "" : `, ${word("chart", "cumulative")} ${write("signed-percent", hundredfold(last), setting)}`;
    return `${write("count", data.dates.length, setting)} ${word("chart", "days")}${total}`;
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

/**
 * @param {Returns} data
 * @param {number} index
 * @param {Setting} setting
 */
function tip(data, index, setting) {
  const lines = [write("day", data.dates[index], setting)];
  if (data.returns[index] !== null) lines.push(write("signed-percent", hundredfold(data.returns[index]), setting));
  lines.push(write("signed-money", data.net_pnl[index], setting), `${write("count", data.trades[index], setting)} ${word("chart", "trades_of")}`);
  return lines.join("\n");
}
