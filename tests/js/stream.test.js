import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Stream } from "app/core/stream.js";

class FakeSocket {
  sent = [];
  closed = false;

  constructor(url, protocol) {
    this.url = url;
    this.protocol = protocol;
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.closed = true;
  }

  receive(message) {
    this.onmessage({ data: JSON.stringify(message) });
  }

  end(code) {
    this.onclose({ code });
  }

  get hellos() {
    return this.sent.filter((message) => message.t === "hello").map((message) => message.subs[0]);
  }
}

let sockets, timers, events, ticks, states, resets, snapshot, random, now, stream;
const socket = () => sockets.at(-1);
const due = () => timers.filter((timer) => !timer.cancelled && !timer.ran);
const settle = () => new Promise((resolve) => setImmediate(resolve));
const ev = (...numbers) => ({
  t: "ev", account: "main", epoch: "e1", from: numbers[0], to: numbers.at(-1),
  ev: numbers.map((s) => ({ s, type: "alert", at: "2024-08-02T15:20:00Z", d: { id: s } })),
});

beforeEach(() => {
  [sockets, timers, events, ticks, states, resets] = [[], [], [], [], [], []];
  snapshot = async () => ({ epoch: "e2", seq: 50 });
  random = 1;
  now = 0;
  const listener = {
    events: (found) => events.push(...found.map((event) => event.s)),
    tick: (kind, data) => ticks.push([kind, data]),
    reset: (path) => (resets.push(path), snapshot()),
    state: (state, detail) => states.push(detail.code ? `${state} ${detail.code}` : state),
    clock: () => {},
  };
  const around = {
    connect: (url, protocol) => (sockets.push(new FakeSocket(url, protocol)), sockets.at(-1)),
    later: (run, wait) => (timers.push({ run, wait }), timers.at(-1)),
    cancel: (timer) => timer && (timer.cancelled = true),
    random: () => random,
    now: () => now,
  };
  stream = new Stream("ws://x/ws/v1", { main: { epoch: "e1", seq: 10 } }, listener, around);
  stream.open();
  socket().onopen();
  socket().receive({ t: "welcome", conn: "c", now: "2024-08-02T15:20:00Z", hb: 15 });
});

function fire(wait) {
  const timer = due().find((each) => each.wait === wait);
  assert.ok(timer, `no timer of ${wait} among ${due().map((each) => each.wait)}`);
  timer.ran = true;
  timer.run();
}

test("says hello with the saved position and the right protocol", () => {
  assert.equal(socket().protocol, "botv2.v1");
  assert.deepEqual(socket().hellos, [{ account: "main", epoch: "e1", since: 10 }]);
});

test("applies what is next, ignores what is known, and is live when told so", () => {
  socket().receive(ev(9, 10, 11, 12));
  socket().receive(ev(11, 12, 13));
  socket().receive({ t: "live", account: "main", seq: 13 });
  assert.deepEqual(events, [11, 12, 13]);
  assert.equal(stream.state, "live");
});

test("asks again once for a gap and goes on where it was", () => {
  socket().receive(ev(11));
  socket().receive(ev(13, 14));
  socket().receive(ev(15));
  assert.deepEqual(events, [11]);
  assert.deepEqual(socket().hellos.slice(1), [{ account: "main", epoch: "e1", since: 11 }]);
  socket().receive(ev(12, 13, 14, 15));
  socket().receive({ t: "live", account: "main", seq: 15 });
  assert.deepEqual(events, [11, 12, 13, 14, 15]);
  socket().receive(ev(17));
  assert.equal(socket().hellos.length, 3, "a second gap is asked for as well");
});

test("a heartbeat answers with pong and reveals a lost last event", () => {
  socket().receive({ t: "hb", now: "2024-08-02T15:20:15Z", heads: { main: 10, other: 99 } });
  assert.deepEqual(socket().sent.at(-1), { t: "pong", at: { main: 10 } });
  socket().receive({ t: "hb", now: "2024-08-02T15:20:30Z", heads: { main: 12 } });
  assert.deepEqual(socket().hellos.at(-1), { account: "main", epoch: "e1", since: 10 });
});

test("live at a higher number than ours is a gap", () => {
  socket().receive({ t: "live", account: "main", seq: 12 });
  assert.equal(socket().hellos.length, 2);
  assert.equal(stream.state, "catching-up");
});

test("a reset loads the snapshot and goes on from its position", async () => {
  socket().receive({ t: "reset", account: "main", epoch: "e2", head: 50, why: "epoch", snapshot: "/api/snapshot?account=main" });
  socket().receive({ ...ev(51), epoch: "e2" });
  assert.deepEqual(events, [], "nothing counts until the snapshot is there");
  await settle();
  assert.deepEqual(resets, ["/api/snapshot?account=main"]);
  assert.deepEqual(socket().hellos.at(-1), { account: "main", epoch: "e2", since: 50 });
  socket().receive({ ...ev(51), epoch: "e2" });
  assert.deepEqual(events, [51]);
});

test("a snapshot that fails is tried again on a new connection", async () => {
  snapshot = async () => { throw new Error("503"); };
  socket().receive({ t: "reset", account: "main", epoch: "e2", head: 50, why: "too_old", snapshot: "/s" });
  await settle();
  assert.equal(socket().closed, true);
  assert.equal(stream.state, "offline");
  fire(500);
  assert.equal(sockets.length, 2);
});

test("events of another epoch or account are not ours", () => {
  socket().receive({ ...ev(11), epoch: "e9" });
  socket().receive({ ...ev(11), account: "other" });
  assert.deepEqual(events, []);
});

test("ticks pass without a number", () => {
  socket().receive({ t: "tick", account: "main", kind: "heartbeat", d: { bots: [] } });
  socket().receive({ t: "tick", account: "other", kind: "heartbeat", d: {} });
  assert.deepEqual(ticks, [["heartbeat", { bots: [] }]]);
});

test("a lost connection comes back with the position, waiting longer each time, at most 30 s", () => {
  socket().receive(ev(11));
  const waits = [];
  for (let round = 0; round < 9; round += 1) {
    socket().end(1006);
    const wait = due().at(-1).wait;
    waits.push(wait);
    fire(wait);
    socket().onopen();
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  assert.deepEqual(socket().hellos, [{ account: "main", epoch: "e1", since: 11 }]);
});

test("the wait is random below its ceiling, never under half a second", () => {
  random = 0;
  socket().end(1006);
  assert.equal(due().at(-1).wait, 500);
});

test("being live again starts the waits anew", () => {
  socket().end(1006);
  fire(500);
  socket().receive({ t: "live", account: "main", seq: 10 });
  socket().end(1006);
  assert.equal(due().at(-1).wait, 500);
});

test("a bye is respected", () => {
  socket().receive({ t: "bye", code: 4001, retry_after: 7 });
  socket().end(4001);
  assert.equal(due().at(-1).wait, 7000);
});

test("codes from 4500 on stop for good", () => {
  socket().end(4503);
  assert.equal(stream.state, "stopped");
  assert.equal(states.at(-1), "stopped 4503");
  assert.deepEqual(due(), []);
  stream.hurry();
  assert.equal(sockets.length, 1);
});

test("silence of 40 s is a dead connection", () => {
  fire(40_000);
  assert.equal(socket().closed, true);
  assert.equal(stream.state, "offline");
});

test("hurry connects at once and does not leave two connections", () => {
  socket().end(1006);
  stream.hurry();
  assert.equal(sockets.length, 2);
  assert.deepEqual(due().map((timer) => timer.wait), [40_000], "the planned attempt is off");
});

test("what an old socket still says is not heard", () => {
  const old = socket();
  old.end(1006);
  fire(500);
  old.receive(ev(11));
  old.end(4503);
  assert.deepEqual(events, []);
  assert.notEqual(stream.state, "stopped");
});

test("close ends it", () => {
  stream.close();
  assert.equal(socket().closed, true);
  assert.deepEqual(due(), []);
});

test("several accounts share a connection, each with its own position", () => {
  const found = [];
  const two = new Stream("ws://x/ws/v1", { main: { epoch: "e1", seq: 10 }, other: { epoch: "e7", seq: 3 } }, {
    events: (events, account) => found.push([account, ...events.map((event) => event.s)]),
    tick: (kind, data, account) => found.push([account, kind]),
    reset: async () => ({ epoch: "e", seq: 0 }), state: () => {}, clock: () => {},
  }, { ...stream.around });
  two.open();
  const at = socket();
  at.onopen();
  at.receive({ t: "welcome", conn: "c", now: "2024-08-02T15:20:00Z", hb: 15 });
  assert.deepEqual(at.sent[0].subs, [{ account: "main", epoch: "e1", since: 10 }, { account: "other", epoch: "e7", since: 3 }]);
  at.receive(ev(11));
  at.receive({ ...ev(4), account: "other", epoch: "e7" });
  at.receive({ t: "tick", account: "other", kind: "heartbeat", d: {} });
  assert.deepEqual(found, [["main", 11], ["other", 4], ["other", "heartbeat"]]);
  at.receive({ t: "live", account: "main", seq: 11 });
  assert.equal(two.state, "catching-up", "live once all are");
  at.receive({ t: "live", account: "other", seq: 4 });
  assert.equal(two.state, "live");
  at.receive({ ...ev(9), account: "other", epoch: "e7" });
  assert.deepEqual(at.sent.at(-1), { t: "hello", subs: [{ account: "other", epoch: "e7", since: 4 }] });
  at.receive({ t: "hb", now: "2024-08-02T15:20:15Z", heads: { main: 11, other: 4 } });
  assert.deepEqual(at.sent.at(-1), { t: "pong", at: { main: 11, other: 4 } });
});

test("what was lost stays offline until it is won back", () => {
  socket().receive({ t: "live", account: "main", seq: 10 });
  socket().end(1006);
  fire(500);
  socket().end(1006);
  fire(1000);
  assert.deepEqual(states.slice(-2), ["live", "offline 1006"]);
  socket().onopen();
  socket().receive({ t: "welcome", conn: "c", now: "2024-08-02T15:20:00Z", hb: 15 });
  socket().receive({ t: "live", account: "main", seq: 10 });
  assert.deepEqual(states.slice(-3), ["offline 1006", "catching-up", "live"]);
});

test("who comes back does not trust a connection that has been quiet for longer than a heartbeat", () => {
  now = 15_000;
  stream.hurry();
  assert.equal(sockets.length, 1);
  now = 21_000;
  stream.hurry();
  assert.equal(sockets[0].closed, true);
  assert.equal(sockets.length, 2);
});

test("a network that goes away is told at once", () => {
  stream.lose();
  assert.equal(stream.state, "offline");
  assert.equal(socket().closed, true);
});
