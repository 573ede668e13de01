import assert from "node:assert/strict";
import { test } from "node:test";

import { beat, passTime, reduce, touchesFigures } from "app/stores/account.js";

const empty = Object.freeze({
  account: { slug: "main" }, epoch: "e", seq: 0, server_time: "2024-08-02T15:20:00Z", portfolio: null, summary: {},
  strategies: [], open_trades: [], recent_trades: [], alerts: [], annotations: [], bots: [],
});
let seq = 0;
const event = (type, d) => ({ s: (seq += 1), type, at: "2024-08-02T15:20:00Z", d });
const play = (...events) => events.reduce(reduce, empty);
const open = { id: 1, status: "open", entry_time: "2024-08-02T10:00:00Z", exit_time: null };
const closed = { ...open, status: "closed", exit_time: "2024-08-02T11:00:00Z" };

test("a trade opens, closes and is deleted", () => {
  const opened = event("trade_executed", { ...open, change: "opened" });
  const closing = event("trade_executed", { ...closed, change: "closed" });
  const deleting = event("trade_executed", { ...closed, change: "deleted" });
  assert.deepEqual(play(opened).open_trades, [open]);
  const after = play(opened, closing);
  assert.deepEqual([after.open_trades, after.recent_trades], [[], [closed]]);
  assert.equal(after.seq, closing.s);
  assert.deepEqual(play(opened, closing, deleting).recent_trades, []);
});

test("applying an event again changes nothing but the number", () => {
  const closing = event("trade_executed", { ...closed, change: "closed" });
  assert.deepEqual(play(closing, closing), play(closing));
});

test("trades stand newest first, equal times by id", () => {
  const later = { ...closed, id: 2, exit_time: "2024-08-02T12:00:00.5Z" };
  const same = { ...closed, id: 3 };
  const found = play(...[closed, later, same].map((trade) => event("trade_executed", trade)));
  assert.deepEqual(found.recent_trades.map((trade) => trade.id), [2, 3, 1]);
});

test("a pending trade is in neither list", () => {
  const found = play(event("trade_executed", { ...open, status: "pending", change: "updated" }));
  assert.deepEqual([found.open_trades, found.recent_trades], [[], []]);
});

test("an older snapshot does not replace a newer one", () => {
  const newer = { timestamp: "2024-08-02T12:00:00Z", total_value: 2 };
  const older = { timestamp: "2024-08-02T11:00:00Z", total_value: 1 };
  assert.equal(play(event("portfolio_update", newer), event("portfolio_update", older)).portfolio, newer);
});

test("a resolved alert leaves, an acknowledged one stays", () => {
  const alert = { id: 1, status: "active", created_at: "2024-08-02T12:00:00Z" };
  const raised = event("alert", { ...alert, change: "created" });
  const seen = event("alert", { ...alert, status: "acknowledged", change: "acknowledged" });
  const resolved = event("alert", { ...alert, status: "resolved", change: "resolved" });
  assert.equal(play(raised, seen).alerts[0].status, "acknowledged");
  assert.deepEqual(play(raised, seen, resolved).alerts, []);
});

test("a beat counts once, and time moves the tape", () => {
  const row = { id: 7, name: "bot", last_seen: "2024-08-02T15:20:00Z" };
  const started = play(event("bot_status", row));
  assert.equal(started.bots[0].beats.length, 288);
  const seen = { ...row, last_seen: "2024-08-02T15:21:00Z" };
  const once = beat(started, seen, new Date("2024-08-02T15:21:00Z"));
  assert.equal(once.bots[0].beats.at(-1), 1);
  assert.equal(beat(once, seen, new Date("2024-08-02T15:21:10Z")), once);
  const later = passTime(once, new Date("2024-08-02T15:30:00Z"));
  assert.deepEqual(later.bots[0].beats.slice(-3), [1, 0, 0]);
  assert.equal(passTime(later, new Date("2024-08-02T15:31:00Z")), later);
});

test("an unknown event changes the number only", () => {
  const strange = event("something_new", { id: 1 });
  assert.deepEqual(play(strange), { ...empty, seq: strange.s });
});

test("which events call for new figures", () => {
  assert.equal(touchesFigures([event("bot_status", {}), event("trade_executed", {})]), true);
  assert.equal(touchesFigures([event("bot_status", {}), event("alert", {})]), false);
});
