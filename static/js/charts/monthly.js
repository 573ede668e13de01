/** What each month and each year brought, as a cell each. */

import { nameAxis, tooltip } from "app/charts/axes.js";
import { cells, heat, inPercent, largest } from "app/charts/heat.js";
import { fixed, monthName, write } from "app/core/format.js";
import { word } from "app/core/words.js";

/** @typedef {import("app/core/format.js").Setting} Setting */
/** @typedef {number | string} Figure */
/** @typedef {{years: number[], returns: (Figure | null)[][], totals: (Figure | null)[], net_pnl: Figure[][], net_pnl_totals: Figure[], trades: number[][]}} Monthly */

const MONTHS = 12;
const [HEAD, ROW] = [24, 36];

/** @type {import("app/charts/kind.js").Kind} */
export const kind = {
  adapter: "figure",

  /** @param {Monthly} data */
  empty: (data) => data.years.length === 0,

  /** @param {Monthly} data */
  height: (data) => HEAD + ROW * data.years.length,

  /** @param {Monthly} data */
  newest: ({ trades }) => ((trades.at(-1) ?? []).findLastIndex((count) => count > 0) + 1) / (MONTHS + 1),

  /** @param {Monthly} data */
  model(data, { setting, look }) {
    const percent = inPercent(data);
    const { months, totals } = figures(data);
    const most = largest(months.flat());
    const axis = { ...nameAxis(look, [...names(), word("chart", "year")]), axisLine: { show: false } };
    return {
      grid: { left: 40, right: 4, top: HEAD, height: ROW * data.years.length },
      xAxis: { ...axis, position: "top", axisLabel: { ...axis.axisLabel, interval: 0, hideOverlap: false } },
      yAxis: { ...nameAxis(look, data.years.map(String)), axisLine: { show: false }, inverse: true },
      tooltip: { ...tooltip(look), formatter: (/** @type {{value: number[]}} */ { value: [month, year] }) => tip(data, year, month, setting) },
      series: [
        {
          ...cells(look),
          data: months.flatMap((row, year) =>
            row.map((value, month) => ({
              value: [month, year, 0],
              itemStyle: { color: heat(look, value ?? 0, most) },
              label: { show: true, color: value === null ? look.t3 : look.t1, formatter: short(value, percent, setting) },
            })),
          ),
        },
        {
          ...cells(look),
          data: totals.map((value, year) => ({
            value: [MONTHS, year, 0],
            itemStyle: { color: look.panel },
            label: { show: true, fontWeight: 600, color: value === null ? look.t3 : value > 0 ? look.up : value < 0 ? look.dn : look.t2, formatter: short(value, percent, setting) },
          })),
        },
      ],
    };
  },

  /** @param {Monthly} data */
  summary(data, { setting }) {
    const percent = inPercent(data);
    const said = (/** @type {number} */ year) => (percent ? full(data.totals[year], setting) : write("signed-money", data.net_pnl_totals[year], setting));
    return data.years.map((year, index) => `${year} ${said(index)}`).join(", ");
  },

  /** @param {Monthly} data */
  table(data, { setting }) {
    const heads = ["month", "result", "net_pnl", "trades"].map((name, index) => ({ title: word("chart", name), number: index > 0 }));
    const rows = data.years.flatMap((year, index) =>
      data.trades[index].flatMap((trades, month) => {
        const [share, money] = [data.returns[index][month], data.net_pnl[index][month]];
        if (share === null && !trades) return [];
        return [[`${year}-${String(month + 1).padStart(2, "0")}`, full(share, setting), write("signed-money", money, setting), write("count", trades, setting)]];
      }),
    );
    return { heads, rows };
  },
};

/**
 * Percent, or money of the months in which something was traded.
 * @param {Monthly} data
 * @returns {{months: (number | null)[][], totals: (number | null)[]}}
 */
function figures(data) {
  const hundredfold = (/** @type {Figure | null} */ share) => (share === null ? null : Number(share) * 100);
  if (inPercent(data)) return { months: data.returns.map((row) => row.map(hundredfold)), totals: data.totals.map(hundredfold) };
  const months = data.net_pnl.map((row, year) => row.map((money, month) => (data.trades[year][month] ? Number(money) : null)));
  return { months, totals: data.net_pnl_totals.map(Number) };
}

const names = () => Array.from({ length: MONTHS }, (_, month) => monthName(month + 1));

/**
 * As it stands in a cell.
 * @param {number | null} value
 * @param {boolean} percent
 * @param {Setting} setting
 */
function short(value, percent, setting) {
  if (value === null) return "";
  if (percent) return fixed(value, 1, setting, true);
  return setting.masked ? write("signed-money", value, setting) : fixed(value, 0, setting, true);
}

/**
 * @param {Figure | null} share
 * @param {Setting} setting
 */
const full = (share, setting) => write("signed-percent", share === null ? null : Number(share) * 100, setting);

/**
 * @param {Monthly} data
 * @param {number} year
 * @param {number} month
 * @param {Setting} setting
 */
function tip(data, year, month, setting) {
  const whole = month === MONTHS;
  const [share, money] = whole ? [data.totals[year], data.net_pnl_totals[year]] : [data.returns[year][month], data.net_pnl[year][month]];
  const trades = whole ? data.trades[year].reduce((sum, count) => sum + count, 0) : data.trades[year][month];
  const lines = [`${whole ? "" : `${monthName(month + 1)} `}${data.years[year]}`];
  if (share !== null) lines.push(full(share, setting));
  lines.push(write("signed-money", money, setting), write("count:trades", trades, setting));
  return lines.join("\n");
}
