/** What the screen reads off an account's rows. `dashboard/pages.py` (`live_scope`) does the same for the first paint. */

import { isAlive, liveness, pulse, shown, tape } from "app/stores/liveness.js";

export const LATEST = 12;

/**
 * @param {import("app/stores/account.js").AccountState} state
 * @param {Date} now
 */
export function scopeOf(state, now) {
  const { summary } = state;
  return {
    ...state,
    summary: {
      ...summary,
      drawdown_known: summary.max_drawdown_pct !== null,
      periods: summary.periods.map((/** @type {any} */ period) => ({ ...period, id: period.name })),
    },
    bots: state.bots.map((bot) => ({
      ...bot,
      liveness: liveness(bot, now),
      tape: shown(tape(bot.beats, isAlive(bot, now))),
    })),
    positions: positions(state.portfolio),
    latest: state.recent_trades.slice(0, LATEST),
    pulse: pulse(state.bots, now),
    counts: {
      open: summary.all_open_trades,
      alerts: state.alerts.filter((alert) => alert.status === "active").length,
    },
  };
}

/**
 * The positions of a snapshot. They have no number of their own: what names a row is what it is, and its place.
 * @param {any} portfolio
 */
const positions = (portfolio) =>
  (portfolio?.positions ?? []).map((/** @type {any} */ each, /** @type {number} */ place) => ({ ...each, id: `${each.symbol} ${each.direction} ${place}` }));
