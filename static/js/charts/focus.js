/** Where the moments of charts lead, and what is shaded on a chart that is about a stretch of time. */

/** @typedef {import("app/charts/kind.js").Focus} Focus */

/** @param {string} at */
const seconds = (at) => Date.parse(at) / 1000;

/**
 * A closer look at a day or a moment.
 * @param {string | undefined} at in ISO 8601
 * @param {string} of the numbers of the strategies that are meant, if not the account
 */
export const momentAt = (at, of) => (at === undefined ? null : `?show=moment-${at}${of && "/"}${of}`);

/**
 * The stretch that a timeline is about.
 * @param {Focus | undefined} focus
 */
export const spanOf = (focus) => (focus?.from && focus.to ? { from: seconds(focus.from), to: seconds(focus.to), text: "" } : undefined);
