/** What is held, as areas: groups, and in them their positions with what they have earned so far. */

import { empty, percent, summary, table, tip, title, tree } from "app/charts/allocation.js";
import { tooltip } from "app/charts/axes.js";
import { mixed } from "app/charts/look.js";
import { write } from "app/core/format.js";

/** @typedef {import("app/charts/allocation.js").Allocation} Allocation */
/** @typedef {import("app/charts/look.js").Look} Look */

const STRONGEST = 0.62;
const [NAMED, WHOLE] = [0.02, 0.05]; // of all: too small a cell has no text, a small one its name alone

/** @type {import("app/charts/kind.js").Kind} */
export const kind = {
  adapter: "figure",
  pick: (_, { data: item }) => (item?.symbol === undefined ? null : `?show=asset-${item.symbol}`),
  empty,

  /** @param {Allocation} data */
  model(data, { setting, look }) {
    const groups = tree(data);
    const most = Math.max(0, ...data.parts.unrealized_pnl.map((pnl, each) => rate(pnl, data.parts.values[each])));
    return {
      tooltip: { ...tooltip(look), formatter: (/** @type {{data: {tip?: string}}} */ { data: item }) => item?.tip ?? "" },
      series: [
        {
          type: "treemap",
          left: 0,
          right: 0,
          top: 0,
          bottom: 0,
          roam: false,
          nodeClick: false,
          breadcrumb: { show: false },
          itemStyle: { borderColor: look.panel, gapWidth: 1, borderWidth: 0 },
          levels: [
            { itemStyle: { gapWidth: 4 } },
            { itemStyle: { gapWidth: 1, borderColor: look.panel, borderWidth: 0 }, upperLabel: { show: groups.length > 1, height: 20, color: look.t2, fontSize: 12, padding: [0, 4] } },
          ],
          data: groups.map(({ name, value, share, parts }) => ({
            name: `${name}  ${percent(share, setting)}`,
            value: Number(value),
            tip: tip({ name, value, share }, setting),
            itemStyle: { color: look.panel, borderColor: look.panel },
            children: parts.map((part) => ({
              symbol: part.symbol,
              name: title(part),
              value: Number(part.value),
              tip: tip({ ...part, name: title(part) }, setting),
              itemStyle: { color: heat(look, part.pnl, rate(part.pnl, part.value), most) },
              label: {
                show: Number(part.share) >= NAMED,
                color: look.t1,
                fontSize: 12,
                lineHeight: 16,
                overflow: "truncate",
                position: [8, 6],
                formatter: Number(part.share) < WHOLE ? title(part) : said(part, setting),
              },
            })),
          })),
        },
      ],
    };
  },

  summary,
  table,
};

/**
 * @param {import("app/charts/allocation.js").Part} part
 * @param {import("app/core/format.js").Setting} setting
 */
const said = (part, setting) =>
  [title(part), percent(part.share, setting), ...(part.pnl === null ? [] : [write("signed-money", part.pnl, setting)])].join("\n");

/**
 * How much a position has earned for its size.
 * @param {number | string | null} pnl
 * @param {number | string} value
 */
const rate = (pnl, value) => (pnl === null || Number(value) === 0 ? 0 : Math.abs(Number(pnl) / Number(value)));

/**
 * Won and lost in the colours of heat, deeper for more; unknown or even stays grey. The sign is printed besides.
 * @param {Look} look
 * @param {number | string | null} pnl
 * @param {number} earned
 * @param {number} most
 */
function heat(look, pnl, earned, most) {
  if (pnl === null || Number(pnl) === 0 || most === 0) return look.raised;
  const share = 0.04 + STRONGEST * Math.sqrt(earned / most);
  return mixed(look[Number(pnl) > 0 ? "heat-up" : "heat-dn"], look.panel, share);
}
