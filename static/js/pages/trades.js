/** Trades: page one follows the log. Which trades fit and in which order is the server's to say, so the list is read again. */

import { coalesced, read } from "app/core/api.js";
import { fill, rows } from "app/core/bind.js";
import { visible } from "app/core/frame.js";
import { facts, setting, startPage } from "app/features/live.js";

const PAUSE = 500;
const body = /** @type {HTMLElement} */ (document.querySelector('[data-rows="trades"]'));
const table = /** @type {HTMLElement} */ (document.querySelector("table.trades"));
const footer = /** @type {HTMLElement} */ (document.querySelector(".totals"));

/** A day is printed once: later rows of the same day keep only the time. */
function markDays() {
  let before = "";
  for (const row of body.querySelectorAll(":scope > tr")) {
    const day = row.querySelector(".dy")?.textContent ?? "";
    row.classList.toggle("same-day", day === before);
    before = day;
  }
}

const refresh = coalesced(async () => {
  if (!facts.tradesUrl || !facts.statsUrl) return;
  await visible();
  const [list, stats] = await Promise.all([
    read(facts.tradesUrl, { fresh: true }),
    read(facts.statsUrl, { fresh: true }),
  ]);
  const last = list.trades.length;
  rows(body, list.trades, setting(), true);
  markDays();
  table.hidden = footer.hidden = last === 0;
  for (const empty of document.querySelectorAll(".none-yet.big")) empty.toggleAttribute("hidden", last > 0);
  for (const part of document.querySelectorAll('[data-row="list"]')) {
    fill(part, { stats, total: list.total, first: Math.min(1, last), last }, setting(), true);
  }
}, PAUSE);

startPage({
  events: (events) => events.some((event) => event.type === "trade_executed") && refresh(),
  reset: refresh,
});
markDays();
