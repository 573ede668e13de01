/** What the two drawings of an allocation share: the groups with their parts, and how they are said. */

import { write } from "app/core/format.js";
import { say, word } from "app/core/words.js";

/** @typedef {import("app/core/format.js").Setting} Setting */
/** @typedef {number | string} Figure */
/**
 * @typedef {object} Allocation the answer of /api/analytics/allocation
 * @property {string} group_by
 * @property {{names: (string | null)[], values: Figure[], shares: Figure[]}} groups the largest first
 * @property {{groups: (string | null)[], symbols: string[], directions: string[], values: Figure[], shares: Figure[], unrealized_pnl: (Figure | null)[], total: number}} parts
 */
/** @typedef {{group: string | null, symbol: string, direction: string, value: Figure, share: Figure, pnl: Figure | null}} Part */

/** @param {Allocation} data */
export const empty = (data) => data.groups.names.length === 0;

/**
 * What a group is called.
 * @param {Allocation} data
 * @param {string | null} name
 */
export function named({ group_by }, name) {
  if (name === null) return word("chart", "not_known");
  return group_by === "asset_class" ? word("asset", name) : group_by === "direction" ? word("direction", name) : name;
}

/**
 * @param {Allocation} data
 * @returns {Part[]}
 */
const parts = ({ parts: { groups, symbols, directions, values, shares, unrealized_pnl } }) =>
  groups.map((group, each) => ({
    group,
    symbol: symbols[each],
    direction: directions[each],
    value: values[each],
    share: shares[each],
    pnl: unrealized_pnl[each],
  }));

/**
 * The groups, the largest first, each with those of its parts that are given.
 * @param {Allocation} data
 */
export function tree(data) {
  const every = parts(data);
  const { names, values, shares } = data.groups;
  return names.map((name, each) => ({
    name: named(data, name),
    value: values[each],
    share: shares[each],
    parts: every.filter(({ group }) => group === name),
  }));
}

/**
 * Symbol and side of a part; of all others of a symbol where that is what they are gathered by.
 * @param {Part} part
 */
export const title = ({ symbol, direction }) => `${symbol.split("/")[0]} ${word("direction", direction)}`;

/**
 * @param {Figure} share
 * @param {Setting} setting
 */
export const percent = (share, setting) => write("percent-1", Number(share) * 100, setting);

/**
 * The text of a tip: what it is, its value, its share, what it has earned.
 * @param {{name: string, value: Figure, share: Figure, pnl?: Figure | null}} item
 * @param {Setting} setting
 */
export function tip({ name, value, share, pnl }, setting) {
  const lines = [name, `${word("chart", "value")}  ${write("money", value, setting)}`, say("said", "share", { share: percent(share, setting) })];
  if (pnl !== undefined && pnl !== null) lines.push(`${word("chart", "unrealized")}  ${write("signed-money", pnl, setting)}`);
  return lines.join("\n");
}

/**
 * @param {Allocation} data
 * @param {{setting: Setting}} context
 */
export const summary = (data, { setting }) => tree(data).map(({ name, share }) => `${name} ${percent(share, setting)}`).join(", ");

/**
 * @param {Allocation} data
 * @param {{setting: Setting}} context
 * @returns {import("app/charts/kind.js").TableModel}
 */
export const table = (data, { setting }) => ({
  heads: [
    { title: word("chart", "group") },
    { title: word("chart", "name") },
    { title: word("chart", "side") },
    { title: word("chart", "value"), number: true },
    { title: "%", number: true },
    { title: word("chart", "unrealized"), number: true },
  ],
  rows: parts(data).map(({ group, symbol, direction, value, share, pnl }) => [
    named(data, group),
    symbol,
    word("direction", direction),
    write("money", value, setting),
    percent(share, setting),
    write("signed-money", pnl, setting),
  ]),
});
