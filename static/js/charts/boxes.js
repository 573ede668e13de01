/** How returns are spread, group by group: boxes of the middle half, whiskers, and what lies outside. */

import { nameAxis, percentLabel, tooltip, valueAxis } from "app/charts/axes.js";
import { write } from "app/core/format.js";
import { say, word } from "app/core/words.js";

/** @typedef {import("app/core/format.js").Setting} Setting */
/** @typedef {number | string} Figure */
/** @typedef {{ids: number[], names: string[], lower_whisker: (Figure | null)[], lower_quartile: (Figure | null)[], median: (Figure | null)[], upper_quartile: (Figure | null)[], upper_whisker: (Figure | null)[], outliers: Figure[][], outlier_counts: number[], periods: number[]}} Boxes */
/** @typedef {{boxes: Boxes}} Distribution */
/** @typedef {{id?: number, name: string, low: number, first: number, median: number, third: number, high: number, outliers: number[], outside: number, periods: number}} Box in percent */

/** Outliers further away than this, in reaches of the longest whisker, are counted at the edge and not drawn. */
const REACH = 1.6;
const SHORT = 8; // longer names stand at the left, and boxes lie

/** @type {import("app/charts/kind.js").Kind} */
export const kind = {
  adapter: "figure",
  pick(data, { seriesType, dataIndex }) {
    const { id } = (seriesType === "boxplot" && boxesOf(data)[dataIndex]) || {};
    return id === undefined ? null : `?show=strategy-${id}`;
  },

  /** @param {Distribution} data */
  empty: (data) => boxesOf(data).length === 0,

  /** @param {Distribution} data */
  model(data, { setting, look }) {
    const boxes = boxesOf(data);
    const edge = REACH * Math.max(...boxes.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]));
    const within = (/** @type {number} */ value) => Math.abs(value) <= edge;
    const beyond = (/** @type {number} */ side) =>
      boxes.map(({ outliers }) => outliers.filter((value) => Math.sign(value) === side && !within(value)).length);
    const across = boxes.some(({ name }) => name.length > SHORT);
    const at = (/** @type {number} */ place, /** @type {number} */ value) => (across ? [value, place] : [place, value]);
    const counted = (/** @type {number} */ side, /** @type {string} */ arrow) => ({
      type: "scatter",
      silent: true,
      symbolSize: 0,
      label: { show: true, color: look.t3, formatter: (/** @type {{value: number[]}} */ { value }) => `${arrow}${write("count", value[2], setting)}` },
      data: beyond(side).flatMap((count, place) => (count ? [[...at(place, side * edge * 0.95), count]] : [])),
    });
    const values = valueAxis(look, percentLabel(setting, true));
    const named = nameAxis(look, boxes.map(({ name }) => name));
    const names = { ...named, inverse: across, axisLine: { show: false }, axisLabel: { ...named.axisLabel, interval: across ? 0 : undefined, width: 128, overflow: "truncate" } };
    const scale = { ...values, position: across ? "bottom" : "right", min: -edge, max: edge, axisLabel: { ...values.axisLabel, showMinLabel: false, showMaxLabel: false } };
    return {
      xAxis: across ? scale : names,
      yAxis: across ? names : scale,
      tooltip: { ...tooltip(look), formatter: (/** @type {{seriesType: string, dataIndex: number, value: number[]}} */ event) => (event.seriesType === "boxplot" ? tip(boxes[event.dataIndex], setting) : write("signed-percent", event.value[across ? 0 : 1], setting)) },
      series: [
        {
          type: "boxplot",
          boxWidth: [8, 32],
          itemStyle: { color: look.raised, borderColor: look.t2, borderWidth: 1.25 },
          emphasis: { itemStyle: { borderColor: look.acc, borderWidth: 1.25 } },
          data: boxes.map(({ low, first, median, third, high }) => [low, first, median, third, high]),
        },
        {
          type: "scatter",
          symbolSize: 4,
          itemStyle: { color: "transparent", borderColor: look.quiet, borderWidth: 1 },
          data: boxes.flatMap(({ outliers }, place) => outliers.filter(within).map((value) => at(place, value))),
        },
        counted(1, across ? "→" : "↑"),
        counted(-1, across ? "←" : "↓"),
      ],
    };
  },

  /** @param {Distribution} data */
  summary: (data, { setting }) =>
    boxesOf(data).map(({ name, median }) => say("said", "median", { name, median: write("signed-percent", median, setting) })).join(", "),

  /** @param {Distribution} data */
  table: (data, { setting }) => ({
    heads: ["group", "whisker_low", "lower_quartile", "median", "upper_quartile", "whisker_high", "outliers", "days"].map((name, index) => ({ title: word("chart", name), number: index > 0 })),
    rows: boxesOf(data).map((box) => [
      box.name,
      ...[box.low, box.first, box.median, box.third, box.high].map((value) => write("signed-percent", value, setting)),
      write("count", box.outside, setting),
      write("count", box.periods, setting),
    ]),
  }),
};

/**
 * The groups that have returns.
 * @param {Distribution} data
 * @returns {Box[]}
 */
function boxesOf({ boxes }) {
  const percent = (/** @type {Figure | null} */ share) => Number(share) * 100;
  return boxes.names.flatMap((name, index) =>
    boxes.median[index] === null
      ? []
      : [
          {
            id: boxes.ids[index],
            name,
            low: percent(boxes.lower_whisker[index]),
            first: percent(boxes.lower_quartile[index]),
            median: percent(boxes.median[index]),
            third: percent(boxes.upper_quartile[index]),
            high: percent(boxes.upper_whisker[index]),
            outliers: boxes.outliers[index].map(percent),
            outside: boxes.outlier_counts[index],
            periods: boxes.periods[index],
          },
        ],
  );
}

/**
 * @param {Box} box
 * @param {Setting} setting
 */
const tip = (box, setting) =>
  [
    box.name,
    ...[
      ["whisker_high", box.high],
      ["upper_quartile", box.third],
      ["median", box.median],
      ["lower_quartile", box.first],
      ["whisker_low", box.low],
    ].map(([name, value]) => `${word("chart", String(name))} ${write("signed-percent", value, setting)}`),
    `${word("chart", "outliers")} ${write("count", box.outside, setting)}`,
    write("count:days", box.periods, setting),
  ].join("\n");
