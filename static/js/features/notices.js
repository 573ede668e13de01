/** Security notices: read, and taken off the pages. */

import { send } from "app/core/api.js";
import { attempt } from "app/features/dialogs.js";

/** Heard above them all: a notice may stand in the bar of any page and in the list of Settings. */
export function startNotices() {
  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (target.closest("[data-dismiss-notices]")) attempt(dismissAll);
  });
}

async function dismissAll() {
  await send("POST", "/api/me/notices/dismiss");
  document.querySelector("[data-bulletin]")?.remove();
  for (const row of document.querySelectorAll("[data-fresh]")) row.removeAttribute("data-fresh");
  for (const each of document.querySelectorAll("[data-dismiss-notices], [data-fresh-tag]")) each.remove();
}
