/** Trades: page one follows the log. Which trades fit and in which order is the server's to say, so the list is read again. */

import { coalesced, read } from "app/core/api.js";
import { fill, rows } from "app/core/bind.js";
import { visible } from "app/core/frame.js";
import { startColumns } from "app/features/columns.js";
import { markDays } from "app/features/days.js";
import { facts, setting } from "app/features/live.js";
import { offer } from "app/features/offers.js";
import { setUp } from "app/features/page.js";
import { onVisit } from "app/features/visit.js";

const PAUSE = 500;
const list = () => /** @type {HTMLElement} */ (document.querySelector('[data-rows="trades"]'));

const refresh = coalesced(async () => {
  if (!facts.tradesUrl || !facts.statsUrl) return;
  await visible();
  const [found, stats] = await Promise.all([
    read(facts.tradesUrl, { fresh: true }),
    read(facts.statsUrl, { fresh: true }),
  ]);
  const last = found.trades.length;
  rows(list(), found.trades, setting(), true);
  markDays(list());
  for (const full of document.querySelectorAll("table.trades, .totals")) full.toggleAttribute("hidden", last === 0);
  for (const empty of document.querySelectorAll(".none-yet.big")) empty.toggleAttribute("hidden", last > 0);
  for (const part of document.querySelectorAll('[data-row="list"]')) {
    fill(part, { stats, total: found.total, first: Math.min(1, last), last }, setting(), true);
  }
  offer(found.trades.flatMap((/** @type {any} */ { symbol, strategy }) => [symbol, strategy]));
}, PAUSE);

setUp({
  events(events) {
    if (events.some((event) => event.type === "trade_executed")) refresh();
  },
  reset: refresh,
});
startColumns();
onVisit(() => markDays(list()));
markDays(list());
