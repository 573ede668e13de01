/** What is held, as shares of a ring: groups inside, their positions around them. */

import { empty, percent, summary, table, tip, title, tree } from "app/charts/allocation.js";
import { tooltip } from "app/charts/axes.js";
import { mixed, series } from "app/charts/look.js";
import { write } from "app/core/format.js";
import { word } from "app/core/words.js";

/** @typedef {import("app/charts/allocation.js").Allocation} Allocation */

const PALE = 0.45;
const LEAST_NAMED = 6; // degrees of the circle

/** @type {import("app/charts/kind.js").Kind} */
export const kind = {
  adapter: "figure",
  pick: (_, { data: item }) => (item?.symbol === undefined ? null : `?show=asset-${item.symbol}`),
  empty,

  /** @param {Allocation} data */
  model(data, { setting, look, unit }) {
    const groups = tree(data);
    const total = groups.reduce((sum, { value }) => sum + Number(value), 0);
    return {
      tooltip: { ...tooltip(look), formatter: (/** @type {{data: {tip?: string}}} */ { data: item }) => item?.tip ?? "" },
      title: {
        text: write("money", total, setting),
        subtext: unit || word("chart", "value"),
        left: "center",
        top: "center",
        itemGap: 6,
        textStyle: { color: look.t1, fontSize: 14, fontWeight: 600 },
        subtextStyle: { color: look.t3, fontSize: 12 },
      },
      series: [
        {
          type: "sunburst",
          radius: ["32%", "78%"],
          sort: null,
          nodeClick: false,
          emphasis: { focus: "none" },
          itemStyle: { borderColor: look.panel, borderWidth: 2 },
          label: { minAngle: LEAST_NAMED, fontSize: 12, color: look.t1, overflow: "truncate" },
          levels: [
            {},
            { r0: "32%", r: "58%", label: { rotate: "tangential" } },
            { r0: "59%", r: "78%", label: { rotate: 0, position: "outside", color: look.t2, distance: 4, width: 56 }, itemStyle: { borderWidth: 1 } },
          ],
          data: groups.map(({ name, value, share, parts }, number) => {
            const { colour } = series(look, number);
            return {
              name,
              value: Number(value),
              tip: tip({ name, value, share }, setting),
              itemStyle: { color: mixed(colour, look.panel, PALE) },
              label: { formatter: `${name} ${percent(share, setting)}` },
              children: parts.map((part) => ({
                symbol: part.symbol,
                name: part.symbol.split("/")[0],
                value: Number(part.value),
                tip: tip({ ...part, name: title(part) }, setting),
                itemStyle: { color: mixed(colour, look.panel, PALE / 2) },
              })),
            };
          }),
        },
      ],
    };
  },

  summary,
  table,
};
