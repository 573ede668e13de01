/**
 * The client of the real-time contract (`/ws/v1`, subprotocol `botv2.v1`) for one account or several.
 *
 * An event is applied if and only if its number is the next one; older ones are ignored, a gap is asked for again.
 * Whatever happens to the connection, the listener sees every event once and in order, or a fresh snapshot.
 */

import { parse } from "app/core/json.js";

/** @typedef {{s: number, type: string, at: string, d: any}} StreamEvent */
/** @typedef {"connecting" | "catching-up" | "live" | "offline" | "stopped"} State */
/** @typedef {{epoch: string, seq: number}} Position */
/**
 * @typedef {object} Listener
 * @property {(events: StreamEvent[], account: string) => void} events new events, oldest first, none twice
 * @property {(kind: string, data: any, account: string) => void} tick something unnumbered; the newest wins
 * @property {(path: string, account: string) => Promise<Position>} reset load the snapshot and return its position
 * @property {(state: State, detail: {code?: number, head?: number}) => void} state
 * @property {(now: string) => void} clock the server's time
 */
/**
 * @typedef {object} Surroundings what a test replaces
 * @property {(url: string, protocol: string) => WebSocket} connect
 * @property {(run: () => void, milliseconds: number) => any} later
 * @property {(timer: any) => void} cancel
 * @property {() => number} random
 * @property {() => number} now milliseconds
 */

export const PROTOCOL = "botv2.v1";
const SHORTEST = 500;
const LONGEST = 30_000;
const SILENCE = 40_000;
/** Longer than from heartbeat to heartbeat: a connection this quiet is not trusted by somebody who just came back. */
const QUIET = 20_000;
const STOP_FROM = 4500;

/** @type {Surroundings} */
const browser = {
  connect: (url, protocol) => new WebSocket(url, protocol),
  later: (run, milliseconds) => setTimeout(run, milliseconds),
  cancel: (timer) => clearTimeout(timer),
  random: Math.random,
  now: Date.now,
};

/** How far one account is followed. */
class Seat {
  /** Asked again for a gap, and not answered yet. */
  asked = false;
  /** Waiting for a snapshot: until it is there, nothing that arrives counts. */
  resetting = false;
  live = false;

  /**
   * @param {string} account slug
   * @param {Position} position
   */
  constructor(account, { epoch, seq }) {
    this.account = account;
    this.epoch = epoch;
    this.seq = seq;
  }
}

export class Stream {
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {State} */
  #state = "offline";
  #attempt = 0;
  #retryAfter = 0;
  #heard = 0;
  /** @type {any} */
  #retry = null;
  /** @type {any} */
  #watchdog = null;

  /**
   * @param {string} url
   * @param {Record<string, Position>} positions of the rows the page already has, by the account's slug
   * @param {Listener} listener
   * @param {Surroundings} [surroundings]
   */
  constructor(url, positions, listener, surroundings = browser) {
    this.url = url;
    this.seats = Object.entries(positions).map(([account, position]) => new Seat(account, position));
    this.listener = listener;
    this.around = surroundings;
  }

  get state() {
    return this.#state;
  }

  open() {
    this.around.cancel(this.#retry);
    if (this.#socket || this.#state === "stopped") return;
    // Lost and not yet won back is offline, however often it is tried.
    if (!this.#attempt) this.#change("connecting");
    const socket = this.around.connect(this.url, PROTOCOL);
    this.#socket = socket;
    for (const seat of this.seats) seat.asked = seat.resetting = seat.live = false;
    socket.onopen = () => this.#hello(this.seats);
    socket.onmessage = (message) => this.#receive(socket, String(message.data));
    socket.onclose = (event) => this.#closed(socket, event.code);
    this.#watch();
  }

  /** Try at once instead of waiting: the network or the person came back. */
  hurry() {
    if (this.around.now() - this.#heard > QUIET) this.lose();
    if (!this.#socket) this.open();
  }

  /** The network is gone: nobody may have told the socket. */
  lose() {
    if (this.#socket) this.#lost();
  }

  close() {
    this.#drop();
    this.around.cancel(this.#retry);
    this.#change("offline");
  }

  /** @param {object} message */
  #send(message) {
    this.#socket?.send(JSON.stringify(message));
  }

  /** @param {Seat[]} seats */
  #hello(seats) {
    this.#send({ t: "hello", subs: seats.map(({ account, epoch, seq }) => ({ account, epoch, since: seq })) });
  }

  /**
   * @param {WebSocket} socket
   * @param {string} text
   */
  #receive(socket, text) {
    if (socket !== this.#socket) return;
    this.#watch();
    const message = parse(text);
    const seat = this.seats.find((each) => each.account === message.account);
    switch (message.t) {
      case "welcome":
        this.listener.clock(message.now);
        this.#change("catching-up");
        break;
      case "ev":
        if (seat) this.#events(seat, message.epoch, message.ev);
        break;
      case "live":
        if (seat) this.#caughtUp(seat, message.seq);
        break;
      case "tick":
        if (seat && !seat.resetting) this.listener.tick(message.kind, message.d, seat.account);
        break;
      case "reset":
        if (seat) this.#reset(seat, socket, message.snapshot);
        break;
      case "hb":
        this.listener.clock(message.now);
        this.#send({ t: "pong", at: Object.fromEntries(this.seats.map(({ account, seq }) => [account, seq])) });
        for (const each of this.seats) {
          const head = message.heads?.[each.account] ?? 0;
          if (head > each.seq) this.#ask(each, head);
        }
        break;
      case "bye":
        this.#retryAfter = (message.retry_after ?? 0) * 1000;
        break;
    }
  }

  /**
   * @param {Seat} seat
   * @param {string} epoch
   * @param {StreamEvent[]} events
   */
  #events(seat, epoch, events) {
    if (seat.resetting || epoch !== seat.epoch) return;
    const next = [];
    for (const event of events) {
      if (event.s <= seat.seq) continue;
      if (event.s !== seat.seq + 1) {
        this.#ask(seat, event.s);
        break;
      }
      seat.seq = event.s;
      seat.asked = false;
      next.push(event);
    }
    if (next.length) this.listener.events(next, seat.account);
  }

  /**
   * @param {Seat} seat
   * @param {number} seq
   */
  #caughtUp(seat, seq) {
    if (seat.resetting) return;
    seat.asked = false;
    if (seq > seat.seq) {
      this.#ask(seat, seq);
      return;
    }
    seat.live = true;
    if (!this.seats.every((each) => each.live)) return;
    this.#attempt = 0;
    this.#change("live");
  }

  /**
   * Ask for what follows the last applied event, once per gap.
   * @param {Seat} seat
   * @param {number} head
   */
  #ask(seat, head) {
    if (seat.asked || seat.resetting) return;
    seat.asked = true;
    seat.live = false;
    this.#change("catching-up", { head });
    this.#hello([seat]);
  }

  /**
   * @param {Seat} seat
   * @param {WebSocket} socket
   * @param {string} path
   */
  async #reset(seat, socket, path) {
    if (seat.resetting) return;
    seat.resetting = true;
    seat.live = false;
    this.#change("catching-up");
    try {
      const position = await this.listener.reset(path, seat.account);
      if (socket !== this.#socket) return;
      seat.epoch = position.epoch;
      seat.seq = position.seq;
      seat.resetting = seat.asked = false;
      this.#hello([seat]);
    } catch {
      if (socket === this.#socket) this.#lost();
    }
  }

  /**
   * @param {WebSocket} socket
   * @param {number} code
   */
  #closed(socket, code) {
    if (socket !== this.#socket) return;
    if (code >= STOP_FROM) {
      this.#drop();
      this.#change("stopped", { code });
    } else {
      this.#lost(code);
    }
  }

  /** @param {number} [code] */
  #lost(code) {
    this.#drop();
    this.#change("offline", { code });
    const ceiling = Math.min(LONGEST, SHORTEST * 2 ** this.#attempt);
    const wait = Math.max(SHORTEST, this.around.random() * ceiling, this.#retryAfter);
    this.#attempt += 1;
    this.#retryAfter = 0;
    this.around.cancel(this.#retry);
    this.#retry = this.around.later(() => this.open(), wait);
  }

  #drop() {
    this.around.cancel(this.#watchdog);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /** A connection that says nothing for 40 s, although a heartbeat is due every 15 s, is dead. */
  #watch() {
    this.#heard = this.around.now();
    this.around.cancel(this.#watchdog);
    this.#watchdog = this.around.later(() => this.#lost(), SILENCE);
  }

  /**
   * @param {State} state
   * @param {{code?: number, head?: number}} [detail]
   */
  #change(state, detail = {}) {
    if (state === this.#state && !detail.head) return;
    this.#state = state;
    this.listener.state(state, detail);
  }
}
