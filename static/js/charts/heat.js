/** Cells whose colour says how much was won or lost; the number in them says it too. */

import { mixed } from "app/charts/look.js";

/** @typedef {import("app/charts/look.js").Look} Look */

const [LEAST, REACH, MOST_ON_BLACK] = [0.04, 0.62, 0.6];

/**
 * The colour of a value among values up to `most` either way; zero is the panel.
 * @param {Look} look
 * @param {number} value
 * @param {number} most
 */
export function heat(look, value, most) {
  if (!value || !most) return look.panel;
  const share = LEAST + REACH * Math.sqrt(Math.min(Math.abs(value) / most, 1));
  const black = (look.panel.match(/[\d.]+/g) ?? []).slice(0, 3).every((part) => Number(part) === 0);
  return mixed(look[value > 0 ? "heat-up" : "heat-dn"], look.panel, black ? Math.min(share, MOST_ON_BLACK) : share);
}

/**
 * What the series of cells share.
 * @param {Look} look
 * @param {number} [gap]
 */
export const cells = (look, gap = 2) => ({
  type: "heatmap",
  itemStyle: { borderColor: look.panel, borderWidth: gap },
  emphasis: { itemStyle: { borderColor: look.t1, borderWidth: 1 } },
});

/** The largest of them, either way. @param {(number | string | null)[]} values */
export const largest = (values) => values.reduce((/** @type {number} */ most, value) => Math.max(most, Math.abs(Number(value ?? 0))), 0);

/**
 * Returns where they are known, else the money that was made: for strategies without a capital.
 * @param {{returns: any[], net_pnl: any[]}} data
 */
export const inPercent = (data) => data.returns.flat().some((value) => value !== null);
