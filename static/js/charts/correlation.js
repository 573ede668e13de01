/** Which strategies or symbols move together: a cell for each pair, with its number. */

import { nameAxis, tooltip } from "app/charts/axes.js";
import { FONT, FONT_SIZE, mixed } from "app/charts/look.js";
import { write } from "app/core/format.js";
import { say, word } from "app/core/words.js";

/** @typedef {{ids: number[], strategies: string[], symbols: string[], correlations: (number | string | null)[][], observations: number[][]}} Matrix */
/** @typedef {import("app/charts/look.js").Look} Look */
/** @typedef {import("app/core/format.js").Setting} Setting */
/** @typedef {{row: number, column: number, value: number | null, days: number}} Pair */

const MOST = { light: 0.8, dark: 0.6, terminal: 0.35 }; // of the colour, so that the number stays readable
const NAME_ROOM = 88;

/** @type {import("app/charts/kind.js").Kind} */
export const kind = {
  adapter: "figure",

  // Two strategies stand beside each other; on the diagonal stands what a row is of.
  pick({ ids, symbols }, { data: { pair, own } = {} }) {
    if (own !== undefined) return symbols.length ? `?show=asset-${symbols[own]}` : `?show=strategy-${ids[own]}`;
    return pair && ids.length ? `?show=comparison-${ids[pair.column]},${ids[pair.row]}` : null;
  },

  /** @param {Matrix} data */
  empty: (data) => pairs(data).every(({ value }) => value === null),

  /** @param {Matrix} data */
  model(data, { setting, look }) {
    const names = shortNames(data);
    const axis = { ...nameAxis(look, names), axisLine: { show: false } };
    const label = { color: look.t2, width: NAME_ROOM, overflow: "truncate", hideOverlap: false, interval: 0 };
    return {
      grid: { left: 8, right: 8, top: 4, bottom: 4, containLabel: true },
      xAxis: { ...axis, axisLabel: { ...axis.axisLabel, ...label, width: undefined, hideOverlap: true } },
      yAxis: { ...axis, inverse: true, axisLabel: { ...axis.axisLabel, ...label } },
      graphic: facts(data, names, setting, look),
      tooltip: {
        ...tooltip(look),
        formatter: (/** @type {{data: {pair: Pair | null, own?: number}}} */ { data: { pair, own } }) => (pair ? tip(pair, names, setting) : names[own ?? 0]),
      },
      series: [
        {
          type: "heatmap",
          itemStyle: { borderColor: look.panel, borderWidth: 2 },
          emphasis: { itemStyle: { borderColor: look.t1, borderWidth: 1 } },
          label: { show: true, color: look.t1 },
          data: [
            ...names.map((_, each) => ({ value: [each, each, 1], pair: null, own: each, itemStyle: { color: look.raised }, label: { formatter: "1", color: look.t3 }, emphasis: { disabled: true } })),
            ...pairs(data).map((pair) => ({
              value: [pair.column, pair.row, pair.value ?? 0],
              pair,
              itemStyle: { color: heat(look, pair.value) },
              label: { formatter: write("number-2", pair.value, setting), color: pair.value === null ? look.t3 : look.t1 },
            })),
          ],
        },
      ],
    };
  },

  /** @param {Matrix} data */
  summary(data, { setting }) {
    const { mean, highest, lowest } = extremes(data);
    const names = shortNames(data);
    const said = (/** @type {Pair} */ pair) => `${names[pair.column]} – ${names[pair.row]} ${write("number-2", pair.value, setting)}`;
    return say("said", "correlations", { mean: write("number-2", mean, setting), highest: said(highest), lowest: said(lowest) });
  },

  /** @param {Matrix} data */
  table(data, { setting }) {
    const names = namesOf(data);
    return {
      heads: [{ title: "" }, { title: "" }, { title: word("chart", "correlation"), number: true }, { title: word("chart", "common_days"), number: true }],
      rows: pairs(data).map(({ row, column, value, days }) => [names[column], names[row], write("number-2", value, setting), write("count", days, setting)]),
    };
  },
};

/** @param {Matrix} data */
const namesOf = (data) => (data.symbols.length ? data.symbols : data.strategies);

/**
 * Symbols without what they are traded against, unless two would be the same then.
 * @param {Matrix} data
 */
function shortNames(data) {
  const short = data.symbols.map((symbol) => symbol.split("/")[0]);
  return data.symbols.length && new Set(short).size === short.length ? short : namesOf(data);
}

/**
 * Every two of them once.
 * @param {Matrix} data
 * @returns {Pair[]}
 */
const pairs = (data) =>
  data.correlations.flatMap((values, row) =>
    values.slice(0, row).map((value, column) => ({ row, column, value: value === null ? null : Number(value), days: data.observations[row][column] })),
  );

/** @param {Matrix} data */
function extremes(data) {
  const known = pairs(data).filter(({ value }) => value !== null).sort((one, other) => Number(one.value) - Number(other.value));
  const mean = known.reduce((sum, { value }) => sum + Number(value), 0) / known.length;
  return { mean, lowest: known[0], highest: known[known.length - 1], count: known.length };
}

/**
 * Together is the accent, against each other is grey; nothing in common is the panel.
 * @param {Look} look
 * @param {number | null} value
 */
function heat(look, value) {
  if (value === null) return look.panel;
  const ground = (look.panel.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  const most = ground[0] > 128 ? MOST.light : ground.every((part) => part === 0) ? MOST.terminal : MOST.dark;
  return mixed(value < 0 ? look.quiet : look.acc, look.panel, Math.min(1.15 * Math.abs(value), most));
}

/**
 * What stands in the empty half: the mean and both ends.
 * @param {Matrix} data
 * @param {string[]} names
 * @param {Setting} setting
 * @param {Look} look
 */
function facts(data, names, setting, look) {
  const { mean, highest, lowest, count } = extremes(data);
  if (count < 3) return [];
  const said = (/** @type {Pair} */ pair) => `${names[pair.column]} – ${names[pair.row]}  ${write("number-2", pair.value, setting)}`;
  const lines = [
    [word("chart", "mean"), write("number-2", mean, setting)],
    [word("chart", "highest"), said(highest)],
    [word("chart", "lowest"), said(lowest)],
  ];
  const text = lines.map(([name, value]) => `{name|${name}}  ${value}`).join("\n");
  return [
    {
      type: "text",
      right: 12,
      top: 8,
      silent: true,
      style: { text, fill: look.t1, align: "right", lineHeight: 20, fontSize: FONT_SIZE, fontFamily: FONT, rich: { name: { fill: look.t2 } } },
    },
  ];
}

/**
 * @param {Pair} pair
 * @param {string[]} names
 * @param {Setting} setting
 */
const tip = ({ row, column, value, days }, names, setting) =>
  `${names[column]} – ${names[row]}\n${word("chart", "correlation")} ${write("number-2", value, setting)}\n${write("count:common_days", days, setting)}`;
