/** Overview: binding, the equity curve, and drawings that follow the figures. */

import { EquityChart } from "app/charts/equity.js";
import { coalesced, read } from "app/core/api.js";
import { refreshDrawings } from "app/features/drawings.js";
import { setting, startPage } from "app/features/live.js";

const room = /** @type {HTMLElement} */ (document.querySelector('[data-chart="equity"]'));
const { start = "", fall = "", value = "", drawdown = "", average = "" } = room.dataset;
const chart = new EquityChart(room, { start, fall, value, drawdown, average }, setting);
const ranges = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("[data-ranges] a"));

/** A page that stays open for days asks for a whole curve now and then, so that it neither grows nor lags its range. */
const WHOLE_AFTER = 500;
let appended = 0;

const chosen = () => [...ranges].find((link) => link.getAttribute("aria-current")) ?? ranges[0];

const loadCurve = coalesced(async () => {
  const curve = await read(chosen().dataset.url ?? "", { fresh: true });
  appended = 0;
  if (curve.equity.length > 1) chart.set(curve);
}, 1000);

for (const link of ranges) {
  link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    for (const other of ranges) other.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    history.replaceState(null, "", link.href);
    loadCurve();
    refreshDrawings();
  });
}

startPage({
  events(events) {
    const snapshots = events.filter((event) => event.type === "portfolio_update");
    for (const event of snapshots) chart.append(event.d);
    appended += snapshots.length;
    if (appended > WHOLE_AFTER) loadCurve();
    if (!snapshots.length && events.some((event) => event.type === "trade_executed" && event.d.status === "closed")) loadCurve();
  },
  figures: refreshDrawings,
  reset() {
    loadCurve();
    refreshDrawings();
  },
});
loadCurve();
