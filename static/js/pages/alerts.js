/** Alerts: page one follows the log. What is resolved while somebody looks stays in its place, with who did it. */

import { coalesced, read } from "app/core/api.js";
import { fill, rows } from "app/core/bind.js";
import { visible } from "app/core/frame.js";
import { markDays } from "app/features/days.js";
import { facts, setting } from "app/features/live.js";
import { offer } from "app/features/offers.js";
import { setUp } from "app/features/page.js";
import { onVisit } from "app/features/visit.js";

const PAUSE = 500;
const list = () => /** @type {HTMLElement} */ (document.querySelector('[data-rows="history"]'));

/** Resolved since the list was opened, by id. @type {Map<number, any>} */
const settled = new Map();

/** @param {any[]} alerts */
function withSettled(alerts) {
  const known = new Set(alerts.map((alert) => alert.id));
  const all = [...alerts, ...[...settled.values()].filter((alert) => !known.has(alert.id))];
  return all.sort((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at) || b.id - a.id);
}

const refresh = coalesced(async () => {
  if (!facts.alertsUrl) return;
  await visible();
  const found = await read(facts.alertsUrl, { fresh: true });
  const last = found.alerts.length;
  const shown = withSettled(found.alerts);
  rows(list(), shown, setting(), true);
  for (const row of list().querySelectorAll(":scope > tr")) row.id = `alert-${row.getAttribute("data-row")}`;
  markDays(list());
  for (const full of document.querySelectorAll("table.notices, .totals")) full.toggleAttribute("hidden", shown.length === 0);
  for (const empty of document.querySelectorAll(".none-yet.big")) empty.toggleAttribute("hidden", shown.length > 0);
  for (const part of document.querySelectorAll('[data-row="list"]')) {
    fill(part, { total: found.total, first: Math.min(1, last), last }, setting(), true);
  }
}, PAUSE);

setUp({
  events(events) {
    const alerts = events.filter((event) => event.type === "alert");
    for (const { d } of alerts) {
      if (d.status === "resolved" && list().querySelector(`[data-row="${d.id}"]`)) settled.set(d.id, d);
    }
    if (alerts.length) refresh();
    offer(events.filter((event) => event.type === "strategy_update").map(({ d }) => d.name));
  },
  reset: refresh,
});
onVisit(() => {
  settled.clear();
  markDays(list());
});
markDays(list());
