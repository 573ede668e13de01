/** The filters of a page are the person's own: the next time the page is opened they are there again, on any device. */

import { send } from "app/core/api.js";

/** What is not a filter: which part of a list, what is looked at closer or changed. */
export const NOT_KEPT = new Set(["page", "show", "edit", "before", "reset"]);

/** The filters of an address, by name. @param {string} search @returns {Record<string, string[]>} */
export function filtersOf(search) {
  /** @type {Record<string, string[]>} */
  const found = {};
  for (const [name, value] of new URLSearchParams(search)) if (!NOT_KEPT.has(name)) (found[name] ??= []).push(value);
  return found;
}

/** Keep what the address asks for as this page's last filters; none at all forgets them. */
export function remember() {
  const page = document.body.dataset.remembers;
  if (!page) return;
  const filters = filtersOf(location.search);
  const kept = Object.keys(filters).length ? filters : null;
  // Whoever leaves at once keeps them too. Without an answer this page still shows them.
  send("PATCH", "/api/me/preferences", { filters: { [page]: kept } }, { keepalive: true }).catch(() => {});
}
