/** Activity: the newest page follows the log. The words are the server's, so its page is asked for again. */

import { freshen } from "app/core/bind.js";
import { markDays } from "app/features/days.js";
import { setUp } from "app/features/page.js";
import { onVisit, refreshParts } from "app/features/visit.js";

const list = () => document.querySelector("table.events > tbody");
const rows = () => /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("table.events tr[data-seq]"));
const newest = () => Number(rows()[0]?.dataset.seq ?? 0);
const follows = () => document.querySelector('[data-part="list"][data-newest]') !== null;

let seen = newest();
let following = false;

function follow() {
  if (!follows()) return;
  following = true;
  refreshParts();
}

setUp({ events: follow, reset: follow });
onVisit(() => {
  markDays(list());
  if (following) for (const row of rows()) if (Number(row.dataset.seq) > seen) freshen(row);
  following = false;
  seen = Math.max(seen, newest());
});
markDays(list());
