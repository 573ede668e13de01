/**
 * The living page: loads the account's snapshot, follows its log and keeps every bound figure and row up to date.
 * Figures over rows are asked of the server again, at most twice a second.
 */

import { coalesced, read } from "app/core/api.js";
import { fill, follow, grow, rows } from "app/core/bind.js";
import { write } from "app/core/format.js";
import { eachFrame, visible } from "app/core/frame.js";
import { staleSince } from "app/core/freshness.js";
import { Stream } from "app/core/stream.js";
import "app/features/paint.js";
import { onVisit } from "app/features/visit.js";
import { beat, passTime, reduce, touchesFigures } from "app/stores/account.js";
import { scopeOf } from "app/stores/scope.js";

/** @typedef {import("app/stores/account.js").AccountState} AccountState */
/** @typedef {import("app/core/stream.js").StreamEvent} StreamEvent */
/** @typedef {ReturnType<typeof scopeOf>} Scope */

const FIGURES_PAUSE = 500;
const MINUTE = 60_000;

/** The facts that the server printed on the page. */
export const facts = document.body.dataset;
const account = facts.account ?? "";
/** What the page asks the API for: it changes with its filters. */
const snapshotPath = () => facts.snapshotUrl ?? "";
/** Parameters with which only some trades and positions are the page's: which ones is the server's to say. */
const CHOOSING = ["strategy", "symbol", "asset_class", "risk_level", "end"];
const CHOSEN = ["trade_executed", "portfolio_update"];
const chooses = () => CHOOSING.some((name) => new URL(snapshotPath(), location.origin).searchParams.has(name));

// A page out of the cache was printed earlier: the time is what this device says.
let offset = staleSince() === null ? Date.parse(facts.now ?? "") - Date.now() : 0;
let heard = staleSince() ?? Date.now();
/** @type {AccountState | null} */
let state = null;
/** What the state was read from. */
let source = "";
/** @type {Stream | null} */
let stream = null;

/** The server's time, as far as the page knows. */
export const now = () => new Date(Date.now() + offset);

/** @param {string} at what the server says the time is */
export function setTime(at) {
  heard = Date.now();
  offset = Date.parse(at) - Date.now();
}

/** @returns {import("app/core/format.js").Setting} */
export const setting = () => ({
  places: Number(facts.places),
  now: now(),
  locale: document.documentElement.lang,
  zone: facts.zone ?? "UTC",
  masked: facts.masked !== undefined,
});

/**
 * @typedef {object} Page what one page does beyond binding
 * @property {(events: StreamEvent[]) => void} [events] after new events
 * @property {(kind: string) => void} [tick] after something unnumbered has changed
 * @property {() => void} [figures] after figures over rows have changed
 * @property {() => void} [reset] after a fresh snapshot
 * @property {(scope: Scope) => void} [paint] with every repaint
 */

/** What does not concern the first look comes after it. */
export function startOffline() {
  const start = () => setTimeout(() => import("app/features/offline.js"));
  if (document.readyState === "complete") start();
  else addEventListener("load", start, { once: true });
}

/** @param {Page} page */
export function startPage(page = {}) {
  startOffline();
  const paint = eachFrame(() => repaint(page, true));
  let fresh = false; // the page shows another part or time than the state

  const figures = coalesced(async () => {
    await visible();
    const path = snapshotPath();
    const found = await read(path, { fresh: path !== source });
    if (!found || !state) return;
    source = path;
    const { summary, portfolio, open_trades, recent_trades } = found;
    state = { ...state, summary, ...(chooses() || fresh ? { portfolio, open_trades, recent_trades } : {}) };
    fresh = false;
    paint();
    page.figures?.();
  }, FIGURES_PAUSE);

  const load = async () => {
    const path = snapshotPath();
    const found = await read(path, { fresh: true });
    heard = staleSince(path) ?? Date.now();
    state = found;
    source = path;
    return found;
  };

  const listener = {
    /** @param {StreamEvent[]} events */
    events(events) {
      heard = Date.now();
      if (!state) return;
      for (const event of events) state = CHOSEN.includes(event.type) && chooses() ? { ...state, seq: event.s } : reduce(state, event);
      paint();
      if (touchesFigures(events)) figures();
      page.events?.(events);
    },
    /**
     * @param {string} kind
     * @param {any} data
     */
    tick(kind, data) {
      heard = Date.now();
      page.tick?.(kind);
      if (kind !== "heartbeat" || !state) return;
      for (const row of data.bots) state = beat(state, row, now());
      paint();
    },
    async reset() {
      const found = await load();
      paint();
      page.reset?.();
      return found;
    },
    state: showConnection,
    clock: setTime,
  };

  const begin = async () => {
    try {
      const found = await load();
      repaint(page, false);
      const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/v1`;
      stream = new Stream(url, { [account]: found }, listener);
      stream.open();
    } catch {
      showConnection("offline");
      setTimeout(begin, 5000);
    }
  };

  onVisit(() => {
    if (snapshotPath() === source) return;
    fresh = true;
    figures();
  });
  setInterval(() => grow(setting()), 1000);
  setInterval(() => paint(), 10_000);
  setInterval(figures, MINUTE);
  hurries(() => stream);
  begin();
}

/**
 * @param {Page} page
 * @param {boolean} mark
 */
function repaint(page, mark) {
  if (!state || snapshotPath() !== source) return; // what the server printed is newer
  state = passTime(state, now());
  const scope = scopeOf(state, now());
  fill(document.body, scope, setting(), mark);
  for (const container of document.querySelectorAll("[data-rows]")) {
    const list = follow(scope, container.getAttribute("data-rows") ?? "");
    if (Array.isArray(list)) rows(container, list, setting(), mark);
  }
  page.paint?.(scope);
}

/**
 * Tell a connection when the network goes, and when it or the person comes back.
 * @param {() => Stream | null} stream
 */
export function hurries(stream) {
  addEventListener("offline", () => stream()?.lose());
  addEventListener("online", () => stream()?.hurry());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) stream()?.hurry();
  });
}

/** @param {import("app/core/stream.js").State} to */
export function showConnection(to) {
  document.body.dataset.live = to;
  for (const indicator of document.querySelectorAll("[data-connection]")) indicator.setAttribute("data-state", to);
  const last = write("exact-clock", new Date(heard + offset).toISOString(), setting());
  for (const place of document.querySelectorAll("[data-last]")) place.textContent = last;
  document.dispatchEvent(new CustomEvent("connection", { detail: to }));
}
