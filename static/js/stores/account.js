/**
 * The rows of one account: a snapshot, and a pure reducer for what the log says after it. Only rows: whatever is summed
 * over them is asked of the server again (`touchesFigures`).
 */

import { advanced, SLOT } from "app/stores/liveness.js";

/**
 * @typedef {object} AccountState the body of /api/snapshot
 * @property {any} account
 * @property {string} epoch
 * @property {number} seq
 * @property {string} server_time
 * @property {any} portfolio
 * @property {any} summary
 * @property {any[]} strategies
 * @property {any[]} open_trades
 * @property {any[]} recent_trades
 * @property {any[]} alerts
 * @property {any[]} annotations
 * @property {any[]} bots
 */
/** @typedef {import("app/core/stream.js").StreamEvent} StreamEvent */

const FIGURES = new Set(["trade_executed", "portfolio_update", "cashflow", "account_update"]);

/** @param {StreamEvent[]} events */
export const touchesFigures = (events) => events.some((event) => FIGURES.has(event.type));

/**
 * @param {AccountState} state
 * @param {StreamEvent} event
 * @returns {AccountState}
 */
export function reduce(state, event) {
  return { ...apply(state, event.type, event.d), seq: event.s };
}

/**
 * @param {AccountState} state
 * @param {string} type
 * @param {any} row
 * @returns {AccountState}
 */
function apply(state, type, row) {
  switch (type) {
    case "trade_executed":
      return trade(state, row);
    case "portfolio_update":
      return newer(row, state.portfolio, "timestamp") ? { ...state, portfolio: row } : state;
    case "strategy_update":
      return { ...state, strategies: put(state.strategies, row, gone(row), byName) };
    case "alert":
      return { ...state, alerts: put(state.alerts, row, gone(row) || row.status === "resolved", latest("created_at")) };
    case "annotation":
      return { ...state, annotations: put(state.annotations, row, gone(row), latest("date")) };
    case "bot_status":
      return bot(state, row);
    case "account_update":
      return { ...state, account: { ...state.account, ...bare(row) } };
    default:
      return state;
  }
}

/**
 * A heartbeat that is not in the log: the bot's row, and one more beat in the slot of `now`.
 * @param {AccountState} state
 * @param {any} row
 * @param {Date} now
 * @returns {AccountState}
 */
export function beat(state, row, now) {
  const known = state.bots.find((each) => each.id === row.id);
  if (known?.last_seen && Date.parse(row.last_seen) <= Date.parse(known.last_seen)) return state;
  const advancedState = passTime(bot(state, row), now);
  return {
    ...advancedState,
    bots: advancedState.bots.map((each) =>
      each.id === row.id ? { ...each, beats: [...each.beats.slice(0, -1), (each.beats.at(-1) ?? 0) + 1] } : each,
    ),
  };
}

/**
 * Move the tapes on to the slot of `now`.
 * @param {AccountState} state
 * @param {Date} now
 * @returns {AccountState}
 */
export function passTime(state, now) {
  const slots = Math.floor(now.getTime() / SLOT) - Math.floor(Date.parse(state.server_time) / SLOT);
  if (slots <= 0) return state;
  return {
    ...state,
    server_time: now.toISOString(),
    bots: state.bots.map((each) => ({ ...each, beats: advanced(each.beats, slots) })),
  };
}

/**
 * @param {AccountState} state
 * @param {any} row
 */
function bot(state, row) {
  const known = state.bots.find((each) => each.id === row.id);
  const length = state.bots[0]?.beats.length ?? 288;
  const beats = known?.beats ?? Array(length).fill(0);
  return { ...state, bots: put(state.bots, { ...row, beats }, gone(row), byName) };
}

/**
 * @param {AccountState} state
 * @param {any} row
 */
function trade(state, row) {
  const dropped = gone(row);
  const most = Math.max(state.recent_trades.length, 50);
  return {
    ...state,
    open_trades: put(state.open_trades, row, dropped || row.status !== "open", latest("entry_time")),
    recent_trades: put(state.recent_trades, row, dropped || row.status !== "closed", latest("exit_time")).slice(0, most),
  };
}

/** @param {any} row */
const gone = (row) => row.change === "deleted";

/**
 * @param {any} row
 * @param {any} known
 * @param {string} field
 */
const newer = (row, known, field) => !known?.[field] || Date.parse(row[field]) >= Date.parse(known[field]);

/**
 * The rows with this one put in its place, or taken out.
 * @param {any[]} rows
 * @param {any} row
 * @param {boolean} out
 * @param {(a: any, b: any) => number} order
 */
function put(rows, row, out, order) {
  const others = rows.filter((each) => each.id !== row.id);
  if (out) return others.length === rows.length ? rows : others;
  return [...others, bare(row)].sort(order);
}

/**
 * The row of an event without what the event says of it.
 * @param {any} row
 */
function bare(row) {
  const { change: _change, ...kept } = row;
  return kept;
}

/**
 * Newest first, of equals the larger id.
 * @param {string} field
 * @returns {(a: any, b: any) => number}
 */
const latest = (field) => (a, b) => Date.parse(b[field] ?? 0) - Date.parse(a[field] ?? 0) || b.id - a.id;

/**
 * @param {any} a
 * @param {any} b
 */
const byName = (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
