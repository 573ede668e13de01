/** How one account value became another: start, trades, fees, slippage, funding, deposits, other, end. */

import { nameAxis, tooltip, valueAxis } from "app/charts/axes.js";
import { gain } from "app/charts/look.js";
import { sign, write } from "app/core/format.js";
import { word } from "app/core/words.js";

/** @typedef {number | string} Figure */
/** @typedef {{source: string | null, start: string | null, end: string | null, names: string[], values: Figure[], begins: Figure[], ends: Figure[], total_trades: number}} Steps */

const LEVELS = new Set(["start", "end"]);
const SMALL = 0.5; // steps that reach over less than this part of the value are drawn on an axis that is cut

/** @type {import("app/charts/kind.js").Kind} */
export const kind = {
  adapter: "figure",

  /** @param {Steps} data */
  empty: (data) => data.values.every((value) => Number(value) === 0),

  /** @param {Steps} data */
  model(data, { setting, look }) {
    const steps = stepsOf(data).filter(told(setting));
    const floor = floorOf(steps.flatMap(({ begin, end, level }) => (level ? [end] : [begin, end])));
    const bars = steps.map(({ name, begin, end, value, level }) => {
      const { color, borderColor = color, borderWidth = 0 } = level ? { color: look.quiet } : gain(look, value);
      const from = level ? floor : begin;
      return { name, value: [from, end, Math.min(from, end), Math.max(from, end)], itemStyle: { color, color0: color, borderColor, borderColor0: borderColor, borderColorDoji: borderColor, borderWidth: borderWidth || 1 } };
    });
    const axis = nameAxis(look, steps.map(({ name }) => name));
    return {
      grid: { left: 4, right: 4, top: 12, bottom: 8, containLabel: true },
      xAxis: {
        ...axis,
        axisLine: { lineStyle: { color: look.line2 }, onZero: false },
        axisLabel: {
          interval: 0,
          hideOverlap: true,
          lineHeight: 18,
          margin: 10,
          formatter: (/** @type {string} */ name, /** @type {number} */ each) => {
            const { value, level, exact } = steps[each];
            const tone = level ? "even" : value > 0 ? "up" : "down";
            return `{name|${name}}\n{${tone}|${write(level ? "money" : "signed-money", exact, setting)}}`;
          },
          rich: { name: { color: look.t2, fontSize: 12 }, even: { color: look.t1, fontSize: 12 }, up: { color: look.up, fontSize: 12 }, down: { color: look.dn, fontSize: 12 } },
        },
      },
      yAxis: { ...valueAxis(look, (value) => write("money", value, setting).replace(/([.,])0+$/, "")), position: "right", min: floor || undefined, scale: true },
      tooltip: {
        ...tooltip(look),
        formatter: (/** @type {{dataIndex: number}} */ { dataIndex: each }) => {
          const { name, level, exact, begin, end } = steps[each];
          const text = `${name}  ${write(level ? "money" : "signed-money", exact, setting)}`;
          return level ? text : `${text}\n${write("money", begin, setting)} → ${write("money", end, setting)}`;
        },
      },
      series: [
        {
          type: "candlestick",
          barWidth: "64%",
          data: bars,
          markLine: {
            silent: true,
            symbol: "none",
            animation: false,
            label: { show: false },
            lineStyle: { color: look.line2, type: [2, 3], width: 1 },
            data: steps.slice(1).map(({ name }, each) => [{ coord: [steps[each].name, steps[each].end] }, { coord: [name, steps[each].end] }]),
          },
        },
      ],
    };
  },

  /** @param {Steps} data */
  summary: (data, { setting }) =>
    stepsOf(data)
      .filter(told(setting))
      .map(({ name, exact, level }) => `${name} ${write(level ? "money" : "signed-money", exact, setting)}`)
      .join(", "),

  /** @param {Steps} data */
  table: (data, { setting }) => ({
    heads: [
      { title: word("chart", "step") },
      { title: word("chart", "amount"), number: true },
      { title: word("chart", "from"), number: true },
      { title: word("chart", "to"), number: true },
    ],
    rows: stepsOf(data).map(({ name, level, exact }, each) => [
      name,
      write(level ? "money" : "signed-money", exact, setting),
      write("money", data.begins[each], setting),
      write("money", data.ends[each], setting),
    ]),
  }),
};

/**
 * What reads 0 is in the table alone: costs that nobody reported are not known to be none.
 * @param {import("app/core/format.js").Setting} setting
 * @returns {(step: {level: boolean, exact: Figure}) => boolean}
 */
const told = (setting) => ({ level, exact }) => level || sign("signed-money", exact, setting) !== "zero";

/** @param {Steps} data */
const stepsOf = (data) =>
  data.names.map((name, each) => ({
    name: word("step", name),
    level: LEVELS.has(name),
    exact: data.values[each],
    value: Number(data.values[each]),
    begin: Number(data.begins[each]),
    end: Number(data.ends[each]),
  }));

/**
 * Where the axis begins: at zero, unless the steps would be too small to see on it.
 * @param {number[]} levels
 */
export function floorOf(levels) {
  const [low, high] = [Math.min(...levels), Math.max(...levels)];
  const reach = high - low;
  if (low <= 0 || reach === 0 || reach > low * SMALL) return 0;
  const step = 10 ** Math.floor(Math.log10(reach));
  return Math.max(Math.floor((low - reach * 0.25) / step) * step, 0);
}
