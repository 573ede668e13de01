/** Moments as the clock shows them where the person is, and back. */

import { local } from "app/core/format.js";

/** @typedef {import("app/core/format.js").Setting} Setting */

/**
 * What an input for date and time takes.
 * @param {string} at
 * @param {Setting} setting
 */
export const clockText = (at, setting) => local(at, setting).toISOString().slice(0, 19);

/**
 * The moment at which the clock shows this; of two, the later one.
 * @param {string} text as an input for date and time gives it
 * @param {Setting} setting
 */
export function momentOf(text, setting) {
  const shown = Date.parse(`${text}Z`);
  const ahead = (/** @type {number} */ at) => local(new Date(at), setting).getTime() - at;
  // The clock may have been moved in between: the second try knows by how much.
  const near = shown - ahead(shown);
  return new Date(shown - ahead(near)).toISOString().replace(".000Z", "Z");
}
