/** Filters offer what there is: a name that none of them has yet makes the page ask for its parts again, once. */

import { refreshParts } from "app/features/visit.js";

/** @type {Set<string>} */
const asked = new Set();

/** @param {(string | null | undefined)[]} names of strategies and symbols */
export function offer(names) {
  const offered = document.querySelector('[data-part="filters"]')?.textContent ?? "";
  const missing = names.filter((name) => name && !asked.has(name) && !offered.includes(name));
  for (const name of missing) asked.add(/** @type {string} */ (name));
  if (missing.length) refreshParts();
}
