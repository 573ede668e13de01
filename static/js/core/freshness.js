/** Since when the page's data is known, where the service worker answered from what it keeps. */

/** When the page was printed, if it comes out of the cache. */
const printed = Date.parse(globalThis.document?.body?.dataset.stale ?? "") || null;
/** Answers that came out of the cache, by address. @type {Map<string, number>} */
const answers = new Map();
/** @type {Set<() => void>} */
const listeners = new Set();

/**
 * @param {string} path
 * @param {Response} response
 */
export function noteAge(path, response) {
  const since = Date.parse(response.headers.get("X-Stale-Since") ?? "");
  if (Number.isNaN(since) ? !answers.delete(path) : answers.get(path) === since) return;
  if (!Number.isNaN(since)) answers.set(path, since);
  for (const listener of listeners) listener();
}

/** When the page, or the last answer of `path`, was true; null where that is now. @param {string} [path] */
export const staleSince = (path) => (path === undefined ? printed : (answers.get(path) ?? null));

/** The oldest of all that is shown; null where all is of now. */
export function oldest() {
  const all = [...answers.values(), ...(printed ? [printed] : [])];
  return all.length ? Math.min(...all) : null;
}

/** Call `listener` whenever that may have changed. @param {() => void} listener */
export function onFreshness(listener) {
  listeners.add(listener);
}
