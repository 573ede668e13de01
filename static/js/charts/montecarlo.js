/** What a year made of an account's own days may bring: five percentiles of where it ends and of how deep it falls. */

import { nameAxis, percentLabel, tooltip, valueAxis } from "app/charts/axes.js";
import { mixed } from "app/charts/look.js";
import { write } from "app/core/format.js";
import { word } from "app/core/words.js";

/** @typedef {{periods: number, paths: number, horizon: number, seed: number, percentiles: number[], terminal: (number | string | null)[], drawdown: (number | string | null)[]}} Paths */

/** The percentiles that are named, each on its side of the box. */
const NAMED = [
  { place: 0, position: "left" },
  { place: 2, position: "top" },
  { place: 4, position: "right" },
];

/** @type {import("app/charts/kind.js").Kind} */
export const kind = {
  adapter: "figure",

  /** @param {Paths} data */
  empty: (data) => data.periods < 2 || data.terminal.some((value) => value === null),

  /** @param {Paths} data */
  model(data, { setting, look }) {
    const rows = spreads(data);
    const percent = (/** @type {number} */ value) => write("signed-percent", value, setting);
    return {
      grid: { left: 4, right: 24, top: 8, bottom: 4, containLabel: true },
      xAxis: { ...valueAxis(look, percentLabel(setting)), boundaryGap: ["42%", "30%"] },
      yAxis: { ...nameAxis(look, rows.map(({ name }) => name)), inverse: true, axisLine: { show: false }, axisLabel: { color: look.t2, fontSize: 12 } },
      tooltip: {
        ...tooltip(look),
        formatter: (/** @type {{dataIndex: number}} */ { dataIndex }) => {
          const { name, values } = rows[dataIndex];
          return [name, ...values.map((value, each) => `${percentLabel(setting)(data.percentiles[each])}   ${percent(value)}`)].join("\n");
        },
      },
      series: [
        {
          type: "boxplot",
          boxWidth: [16, 28],
          itemStyle: { color: mixed(look.quiet, look.panel, 0.28), borderColor: look.quiet, borderWidth: 1.25 },
          emphasis: { disabled: true },
          data: rows.map(({ values }) => values),
        },
        {
          type: "scatter",
          symbolSize: 1,
          itemStyle: { color: look.t1 },
          silent: true,
          label: { show: true, color: look.t1, fontSize: 12, formatter: (/** @type {{value: [number, number]}} */ { value }) => percent(value[0]) },
          data: rows.flatMap(({ values }, row) =>
            NAMED.map(({ place, position }) => ({ value: [values[place], row], label: { position, distance: position === "top" ? 20 : 6 } })),
          ),
        },
      ],
    };
  },

  /** @param {Paths} data */
  summary: (data, { setting }) =>
    spreads(data)
      .map(({ name, values }) => `${name}: ${NAMED.map(({ place }) => `${percentLabel(setting)(data.percentiles[place])} ${write("signed-percent", values[place], setting)}`).join(", ")}`)
      .join(". "),

  /** @param {Paths} data */
  table(data, { setting }) {
    const rows = spreads(data);
    return {
      heads: [{ title: word("chart", "percentile"), number: true }, ...rows.map(({ name }) => ({ title: name, number: true }))],
      rows: data.percentiles.map((percentile, each) => [String(percentile), ...rows.map(({ values }) => write("signed-percent", values[each], setting))]),
    };
  },
};

/**
 * Both in percent: what 1 became, and how far it fell on the way.
 * @param {Paths} data
 */
const spreads = (data) => [
  { name: word("chart", "result"), values: data.terminal.map((value) => (Number(value) - 1) * 100) },
  { name: word("chart", "deepest_fall"), values: data.drawdown.map((value) => Number(value) * 100) },
];
