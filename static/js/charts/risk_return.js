/** What each strategy earned for the risk it took: a dot each, as large as its trades are many, as strong as its Sharpe. */

import { percentLabel, tooltip, valueAxis } from "app/charts/axes.js";
import { mixed } from "app/charts/look.js";
import { write } from "app/core/format.js";
import { word } from "app/core/words.js";

/** @typedef {import("app/charts/look.js").Look} Look */
/** @typedef {import("app/core/format.js").Setting} Setting */
/** @typedef {number | string} Figure */
/** @typedef {{ids: number[], strategies: string[], trades: number[], net_pnl: Figure[], win_rate: (Figure | null)[], total_return: (Figure | null)[], volatility: (Figure | null)[], sharpe_ratio: (Figure | null)[], total: number}} RiskReturn */

const [SMALLEST, LARGEST] = [10, 44];
const [PALEST, STRONGEST, GREAT] = [0.25, 1, 3]; // a Sharpe ratio of 3 and more has the whole colour

/** @type {import("app/charts/kind.js").Kind} */
export const kind = {
  adapter: "figure",

  /** @param {RiskReturn} data */
  empty: (data) => known(data).length === 0,

  /** @param {RiskReturn} data */
  model(data, { setting, look }) {
    const most = Math.max(...data.trades, 1);
    const labels = sides(data);
    const axis = (/** @type {string} */ name) => ({
      ...valueAxis(look, percentLabel(setting)),
      scale: true,
      axisLine: { show: false, onZero: false },
      name: word("chart", name),
      nameLocation: "middle",
      nameGap: 28,
      nameTextStyle: { color: look.t3, fontSize: 12 },
    });
    return {
      grid: { left: 12, right: 12, top: 32, bottom: 28, containLabel: true },
      xAxis: { ...axis("volatility"), boundaryGap: ["12%", "12%"] },
      yAxis: { ...axis("total_return"), position: "right", nameLocation: "end", nameGap: 12, nameTextStyle: { color: look.t3, fontSize: 12, align: "right" }, boundaryGap: ["16%", "16%"] },
      tooltip: { ...tooltip(look), formatter: (/** @type {{data: {strategy: number}}} */ { data: { strategy } }) => tip(data, strategy, setting) },
      series: [
        {
          type: "scatter",
          cursor: "pointer",
          data: known(data).map((index) => ({
            value: [percent(data.volatility[index]), percent(data.total_return[index])],
            strategy: index,
            symbolSize: SMALLEST + (LARGEST - SMALLEST) * Math.sqrt(data.trades[index] / most),
            itemStyle: dot(look, data.sharpe_ratio[index]),
            label: { formatter: data.strategies[index], ...labels.get(index) },
          })),
          label: { color: look.t1, width: 140, overflow: "truncate" },
          emphasis: { scale: false, itemStyle: { borderColor: look.t1 } },
          markLine: {
            silent: true,
            symbol: "none",
            label: { show: false },
            lineStyle: { color: look.line2, type: [4, 4] },
            data: [{ yAxis: 0 }],
          },
        },
      ],
    };
  },

  /** @param {RiskReturn} data */
  summary(data, { setting }) {
    const shown = known(data);
    const said = shown.map((index) => `${data.strategies[index]} ${write("signed-percent", percent(data.total_return[index]), setting)}`).join(", ");
    const rest = data.total - shown.length;
    return rest ? `${said}; ${write("count:without_returns", rest, setting)}` : said;
  },

  /** @param {RiskReturn} data */
  table: (data, { setting }) => ({
    heads: ["strategy", "trades", "volatility", "total_return", "sharpe", "win_rate", "net_pnl"].map((name, index) => ({ title: word("chart", name), number: index > 0 })),
    rows: data.strategies.map((name, index) => [
      name,
      write("count", data.trades[index], setting),
      write("percent", percent(data.volatility[index]), setting),
      write("signed-percent", percent(data.total_return[index]), setting),
      write("number-2", data.sharpe_ratio[index], setting),
      write("percent-1", data.win_rate[index], setting),
      write("signed-money", data.net_pnl[index], setting),
    ]),
  }),

  /**
   * @param {RiskReturn} data
   * @param {{data?: {strategy?: number}}} event
   */
  pick: (data, { data: item }) => (item?.strategy === undefined ? null : `?show=strategy-${data.ids[item.strategy]}`),
};

/** @param {RiskReturn} data */
const known = (data) => data.ids.map((_, index) => index).filter((index) => data.volatility[index] !== null && data.total_return[index] !== null);

const [WIDE, HIGH] = [0.3, 0.06]; // what a name takes of the chart

/**
 * Where names stand: towards the middle of the chart, and apart where two strategies are close to each other.
 * @param {RiskReturn} data
 * @returns {Map<number, object>} by the place of the strategy; one that finds no room is named by its tip alone
 */
function sides(data) {
  const shown = known(data);
  const along = (/** @type {(Figure | null)[]} */ values) => {
    const numbers = shown.map((index) => Number(values[index]));
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
    return (/** @type {number} */ index) => (high > low ? (Number(values[index]) - low) / (high - low) : 0.5);
  };
  const [x, y] = [along(data.volatility), along(data.total_return)];
  /** @type {Map<number, object>} */
  const found = new Map();
  for (const index of shown) {
    const near = [...found.keys()].filter((other) => Math.abs(x(other) - x(index)) < WIDE && Math.abs(y(other) - y(index)) < HIGH).length;
    const align = x(index) < 1 / 3 ? "left" : x(index) > 2 / 3 ? "right" : "center";
    const beside = { left: "right", right: "left", center: "top" }[align];
    found.set(index, near > 2 ? { show: false } : { show: true, position: [beside, "bottom", "top"][near], ...(near ? { align } : {}) });
  }
  return found;
}

/** @param {Figure | null} share */
const percent = (share) => (share === null ? null : Number(share) * 100);

/**
 * The better the stronger; what did not earn more than nothing is a ring.
 * @param {Look} look
 * @param {Figure | null} sharpe
 */
function dot(look, sharpe) {
  const value = Number(sharpe ?? 0);
  if (value <= 0) return { color: look.panel, borderColor: look.acc, borderWidth: 1.5 };
  const share = PALEST + (STRONGEST - PALEST) * Math.min(value / GREAT, 1);
  return { color: mixed(look.acc, look.panel, share), borderColor: look.acc, borderWidth: 1 };
}

/**
 * @param {RiskReturn} data
 * @param {number} index
 * @param {Setting} setting
 */
const tip = (data, index, setting) =>
  [
    data.strategies[index],
    `${word("chart", "total_return")} ${write("signed-percent", percent(data.total_return[index]), setting)}`,
    `${word("chart", "volatility")} ${write("percent", percent(data.volatility[index]), setting)}`,
    `${word("chart", "sharpe")} ${write("number-2", data.sharpe_ratio[index], setting)}`,
    `${write("count:trades", data.trades[index], setting)} · ${write("signed-money", data.net_pnl[index], setting)}`,
  ].join("\n");
