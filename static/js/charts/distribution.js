/** How often which return came, with value at risk and expected shortfall as lines. */

import { percentLabel, tooltip, valueAxis } from "app/charts/axes.js";
import { mixed } from "app/charts/look.js";
import { write } from "app/core/format.js";
import { say, word } from "app/core/words.js";

/** @typedef {number | string} Figure */
/** @typedef {{edges: Figure[], counts: number[], mean: Figure, median: Figure, var_95: Figure | null, cvar_95: Figure | null, periods: number}} Distribution */

const LEAST = 2;
const NAME_SHARE = 0.24; // of the width: room for a name on the left of its line

/** @type {import("app/charts/kind.js").Kind} */
export const kind = {
  adapter: "figure",

  /** @param {Distribution} data */
  empty: (data) => data.periods < LEAST,

  /** @param {Distribution} data */
  model(data, { setting, look }) {
    const { counts } = data;
    const edges = data.edges.map(Number);
    const most = Math.max(...counts);
    const last = edges[edges.length - 1];
    const deepest = Math.min(edges[0], ...marks(data).map(({ value }) => value - (last - edges[0]) * NAME_SHARE));
    const percent = (/** @type {number} */ value) => write("signed-percent", value * 100, setting);
    const tail = { color: mixed(look.dn, look.panel, 0.28), borderColor: look.dn, borderWidth: 1 };
    const rest = { color: mixed(look.quiet, look.panel, 0.5) };
    const axis = valueAxis(look, (value) => percentLabel(setting, true)(value * 100));
    return {
      grid: { left: 8, right: 8, top: 36, bottom: 4, containLabel: true },
      xAxis: {
        ...axis,
        axisLabel: { ...axis.axisLabel, showMinLabel: false, showMaxLabel: false },
        min: deepest,
        max: last,
        splitNumber: 6,
        splitLine: { show: false },
        axisLine: { show: true, lineStyle: { color: look.line2 }, onZero: false },
      },
      yAxis: { ...valueAxis(look, (value) => write("count", value, setting)), minInterval: 1, position: "right" },
      tooltip: {
        ...tooltip(look),
        formatter: (/** @type {{dataIndex: number}} */ { dataIndex: each }) =>
          `${say("said", "from_to", { from: percent(edges[each]), to: percent(edges[each + 1]) })}\n${write("count:days", counts[each], setting)}`,
      },
      series: [
        {
          type: "bar",
          barWidth: "92%",
          data: counts.map((count, each) => {
            const middle = (edges[each] + edges[each + 1]) / 2;
            return { value: [middle, count], itemStyle: data.var_95 !== null && middle < Number(data.var_95) ? tail : rest };
          }),
          markLine: {
            silent: true,
            symbol: "none",
            data: marks(data).map(({ name, value, loss, height }) => [
              {
                coord: [value, 0],
                lineStyle: { color: loss ? look.dn : look.t3, type: [3, 3], width: 1 },
                label: {
                  position: "end",
                  rotate: 0,
                  distance: loss ? [-4, -10] : [-4, 0],
                  align: loss ? "right" : "center",
                  verticalAlign: loss ? "top" : "bottom",
                  formatter: `{name|${name}}\n{value|${percent(value)}}`,
                  rich: { name: { color: look.t2, fontSize: 12, lineHeight: 16 }, value: { color: loss ? look.dn : look.t2, fontSize: 12, lineHeight: 16 } },
                },
              },
              { coord: [value, most * height] },
            ]),
          },
        },
      ],
    };
  },

  /** @param {Distribution} data */
  summary: (data, { setting }) =>
    [
      say("said", "distribution", { days: write("count:days", data.periods, setting), median: write("signed-percent", Number(data.median) * 100, setting) }),
      ...marks(data).map(({ name, value }) => `${name} ${write("signed-percent", value * 100, setting)}`),
    ].join(", "),

  /** @param {Distribution} data */
  table: (data, { setting }) => ({
    heads: [
      { title: word("chart", "from"), number: true },
      { title: word("chart", "to"), number: true },
      { title: word("chart", "days"), number: true },
    ],
    rows: data.counts.map((count, index) => [
      write("signed-percent", Number(data.edges[index]) * 100, setting),
      write("signed-percent", Number(data.edges[index + 1]) * 100, setting),
      write("count", count, setting),
    ]),
  }),
};

/**
 * The lines over the bars. Losses are negative returns, so they stand on the left; the deeper one is drawn lower, so that
 * their names do not meet.
 * @param {Distribution} data
 */
const marks = (data) =>
  [
    { name: "VaR 95", value: data.var_95, loss: true, height: 1 },
    { name: "CVaR 95", value: data.cvar_95, loss: true, height: 0.55 },
    { name: word("chart", "mean"), value: data.mean, loss: false, height: 1 },
  ].flatMap((mark) => (mark.value === null ? [] : [{ ...mark, value: Number(mark.value) }]));
