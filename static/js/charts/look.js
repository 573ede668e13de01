/** What charts are drawn with: the theme's colours, the type and the order of the series. */

import { colours } from "app/core/theme.js";

export const FONT = "'Inter', 'Inter fallback', sans-serif"; // single quotes: it stands in attributes of drawings
export const FONT_SIZE = 12;
const TOKENS = [
  ...["panel", "raised", "pop", "grid", "line", "line2", "t1", "t2", "t3", "acc", "accfill", "onacc", "accdim", "quiet"],
  ...["up", "dn", "warn", "heat-up", "heat-dn", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8"],
];
/** Series are told apart by their dashes too. */
const DASHES = [[], [], [], [], [5, 3], [5, 3], [2, 2], [2, 2]];

/** @typedef {Record<string, string>} Look colours by token, as the canvas takes them */

/** @returns {Look} */
export const look = () => colours(TOKENS);

/**
 * Colour and dashes of the series with this number, from 0.
 * @param {Look} found
 * @param {number} number
 */
export function series(found, number) {
  const place = number % DASHES.length;
  return { colour: found[`s${place + 1}`], dash: DASHES[place] };
}

/**
 * A colour mixed into the panel, as the heat of a cell: `share` from 0 to 1.
 * @param {string} colour as `look` gives it: rgb(...)
 * @param {string} ground
 * @param {number} share
 */
export function mixed(colour, ground, share) {
  const [one, other] = [colour, ground].map((text) => (text.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number));
  const parts = one.map((part, index) => Math.round(part * share + other[index] * (1 - share)));
  return `rgb(${parts.join(", ")})`;
}

/**
 * The fill of a gain, and that of a loss with its outline: never by hue alone.
 * @param {Look} found
 * @param {number} value
 */
export function gain(found, value) {
  if (value > 0) return { color: found.up };
  if (value < 0) return { color: mixed(found.dn, found.panel, 0.28), borderColor: found.dn, borderWidth: 1.25 };
  return { color: found.quiet };
}
