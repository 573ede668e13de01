/** Where the money went: from the capital through strategies and symbols to what was won and lost. */

import { tooltip } from "app/charts/axes.js";
import { FONT, FONT_SIZE, gain, mixed } from "app/charts/look.js";
import { write } from "app/core/format.js";
import { word } from "app/core/words.js";

/** @typedef {import("app/charts/look.js").Look} Look */
/** @typedef {import("app/core/format.js").Setting} Setting */
/** @typedef {number | string} Figure */
/** @typedef {{measure: string, nodes: {levels: number[], names: (string | null)[], values: Figure[]}, links: {sources: number[], targets: number[], values: Figure[]}, total_trades: number}} Flows */

const [CAPITAL, SYMBOL, OUTCOME] = [0, 2, 3];
const ROW = 22; // pixels that a node needs to be named
const [LEAST, MOST] = [300, 900];
const NARROW = 560;
const SIGNS = { wins: 1, losses: -1 };

/** @type {import("app/charts/kind.js").Kind} */
export const kind = {
  adapter: "figure",

  /** @param {Flows} data */
  empty: (data) => data.links.values.length === 0,

  /** @param {Flows} data */
  height: ({ nodes }) => Math.min(Math.max(ROW * Math.max(...[1, SYMBOL].map((level) => nodes.levels.filter((each) => each === level).length)), LEAST), MOST),

  /** @param {Flows} data */
  model(data, { setting, look }) {
    const { nodes, links } = data;
    const name = (/** @type {number} */ node) => nameOf(data, node);
    const amount = (/** @type {Figure} */ value) => written(data, value, setting);
    return {
      tooltip: {
        ...tooltip(look),
        formatter: (/** @type {{dataType: string, dataIndex: number}} */ { dataType, dataIndex }) =>
          dataType === "edge"
            ? `${name(links.sources[dataIndex])} → ${name(links.targets[dataIndex])}\n${amount(links.values[dataIndex])}`
            : `${name(dataIndex)}\n${amount(nodes.values[dataIndex])}`,
      },
      series: [
        {
          type: "sankey",
          left: 8,
          top: 12,
          bottom: 12,
          nodeWidth: 10,
          nodeGap: 8,
          draggable: false,
          layoutIterations: 32,
          emphasis: { focus: "adjacency" },
          label: { color: look.t1, fontFamily: FONT, fontSize: FONT_SIZE, overflow: "truncate" },
          // ECharts tells nodes apart by their names: ours are their places.
          data: nodes.levels.map((level, node) => ({ name: String(node), depth: level, itemStyle: nodeStyle(data, node, look) })),
          links: links.values.map((value, index) => ({
            source: String(links.sources[index]),
            target: String(links.targets[index]),
            value: Number(value),
            lineStyle: { color: bandColour(data, index, look), opacity: 1 },
          })),
        },
      ],
      media: [
        { query: { maxWidth: NARROW }, option: labelled(68, ({ dataIndex }) => name(dataIndex)) },
        { option: labelled(180, ({ dataIndex }) => `${name(dataIndex)}  ${amount(nodes.values[dataIndex])}`) },
      ],
    };
  },

  /** @param {Flows} data */
  summary(data, { setting }) {
    const ends = data.nodes.levels.flatMap((level, node) => (level === OUTCOME ? [`${nameOf(data, node)} ${written(data, data.nodes.values[node], setting)}`] : []));
    return [write("count:trades", data.total_trades, setting), ...ends].join(", ");
  },

  /** @param {Flows} data */
  table: (data, { setting }) => ({
    heads: [{ title: word("chart", "from") }, { title: word("chart", "to") }, { title: word("chart", data.measure), number: true }],
    rows: data.links.values.map((value, index) => [nameOf(data, data.links.sources[index]), nameOf(data, data.links.targets[index]), written(data, value, setting)]),
  }),
};

/**
 * A label ends before the next column begins: where that is near, the tip has the amount.
 * @param {number} width in pixels
 * @param {(item: {dataIndex: number}) => string} formatter
 */
const labelled = (width, formatter) => ({ series: [{ right: Math.min(width + 8, 128), label: { width, formatter } }] });

/**
 * @param {Flows} data
 * @param {number} node
 */
function nameOf({ nodes }, node) {
  const [level, name] = [nodes.levels[node], nodes.names[node]];
  if (level === CAPITAL) return word("chart", "capital");
  if (level === OUTCOME) return word("chart", name ?? "");
  if (name === null) return word("chart", "others");
  return level === SYMBOL ? name.split("/")[0] : name;
}

/**
 * @param {Flows} data
 * @param {Figure} value
 * @param {Setting} setting
 */
const written = (data, value, setting) => write(data.measure === "trades" ? "count" : "money", value, setting);

/**
 * @param {Flows} data
 * @param {number} node
 * @param {Look} look
 */
function nodeStyle({ nodes }, node, look) {
  if (nodes.levels[node] === OUTCOME) return gain(look, SIGNS[/** @type {keyof typeof SIGNS} */ (nodes.names[node])] ?? 0);
  return { color: nodes.levels[node] === CAPITAL ? look.acc : look.quiet };
}

/**
 * A band into an outcome has the outcome's colour, others are quiet: colour is for money won and lost.
 * @param {Flows} data
 * @param {number} index
 * @param {Look} look
 */
function bandColour({ nodes, links }, index, look) {
  const target = links.targets[index];
  if (nodes.levels[target] !== OUTCOME) return mixed(look.quiet, look.panel, 0.28);
  const sign = SIGNS[/** @type {keyof typeof SIGNS} */ (nodes.names[target])] ?? 0;
  return mixed(sign > 0 ? look.up : sign < 0 ? look.dn : look.quiet, look.panel, 0.28);
}
