/** What each strategy came to, best first; of many the best and the worst. */

import { nameAxis, tooltip } from "app/charts/axes.js";
import { FONT_SIZE, gain } from "app/charts/look.js";
import { write } from "app/core/format.js";
import { say, word } from "app/core/words.js";

/** @typedef {import("app/core/format.js").Setting} Setting */
/** @typedef {import("app/charts/risk_return.js").RiskReturn} RiskReturn */

const MOST = 12;
const [MARGIN, ROW] = [8, 28];
const tones = ["dn", "t2", "up"];

/** @type {import("app/charts/kind.js").Kind} */
export const kind = {
  adapter: "figure",

  /** @param {RiskReturn} data */
  empty: (data) => data.trades.every((count) => count === 0),

  /** @param {RiskReturn} data */
  height: (data) => MARGIN + ROW * shown(data).length,

  /** @param {RiskReturn} data */
  model(data, { setting, look }) {
    const order = shown(data);
    const toned = (/** @type {string} */ _text, /** @type {number} */ row) => look[tones[Math.sign(Number(data.net_pnl[order[row]])) + 1]];
    const axis = (/** @type {string[]} */ texts, /** @type {object} */ label) => ({
      ...nameAxis(look, texts),
      inverse: true,
      axisLine: { show: false },
      axisLabel: { fontSize: FONT_SIZE, interval: 0, ...label },
    });
    return {
      grid: { left: 4, right: 4, top: 4, height: ROW * order.length, containLabel: true },
      yAxis: [
        axis(order.map((index) => data.strategies[index]), { color: look.t2, width: 128, overflow: "truncate" }),
        { ...axis(order.map((index) => write("signed-money", data.net_pnl[index], setting)), { color: toned }), position: "right" },
      ],
      xAxis: { type: "value", axisLabel: { show: false }, splitLine: { show: false }, axisLine: { show: false }, axisTick: { show: false } },
      tooltip: { ...tooltip(look), formatter: (/** @type {{dataIndex: number}} */ { dataIndex }) => tip(data, order[dataIndex], setting) },
      series: [
        {
          type: "bar",
          cursor: "pointer",
          barMaxWidth: 14,
          data: order.map((index) => ({ value: Number(data.net_pnl[index]), strategy: index, itemStyle: gain(look, Number(data.net_pnl[index])) })),
          markLine: { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: look.line2, type: "solid" }, data: [{ xAxis: 0 }] },
        },
      ],
    };
  },

  /** @param {RiskReturn} data */
  summary(data, { setting }) {
    const order = ranked(data);
    const said = (/** @type {number} */ index) => `${data.strategies[index]} ${write("signed-money", data.net_pnl[index], setting)}`;
    return say("said", "best_worst", { best: said(order[0]), worst: said(order[order.length - 1]) });
  },

  /** @param {RiskReturn} data */
  table: (data, { setting }) => ({
    heads: ["strategy", "trades", "win_rate", "net_pnl"].map((name, index) => ({ title: word("chart", name), number: index > 0 })),
    rows: ranked(data).map((index) => [
      data.strategies[index],
      write("count", data.trades[index], setting),
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
const ranked = (data) => data.ids.map((_, index) => index).sort((one, other) => Number(data.net_pnl[other]) - Number(data.net_pnl[one]));

/** @param {RiskReturn} data */
function shown(data) {
  const order = ranked(data);
  return order.length > MOST ? [...order.slice(0, MOST / 2), ...order.slice(-MOST / 2)] : order;
}

/**
 * @param {RiskReturn} data
 * @param {number} index
 * @param {Setting} setting
 */
const tip = (data, index, setting) =>
  [
    data.strategies[index],
    `${word("chart", "net_pnl")} ${write("signed-money", data.net_pnl[index], setting)}`,
    say("said", "wins", { trades: write("count:trades", data.trades[index], setting), rate: write("percent-1", data.win_rate[index], setting) }),
  ].join("\n");
