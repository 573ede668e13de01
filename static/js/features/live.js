/**
 * The living page: loads the account's snapshot, follows its log and keeps every bound figure and row up to date.
 * Figures over rows are asked of the server again, at most twice a second.
 */

import { coalesced, read } from "app/core/api.js";
import { fill, follow, grow, rows } from "app/core/bind.js";
import { write } from "app/core/format.js";
import { eachFrame, visible } from "app/core/frame.js";
import { Stream } from "app/core/stream.js";
import "app/features/paint.js";
import { startMenus } from "app/features/menus.js";
import { beat, passTime, reduce, touchesFigures } from "app/stores/account.js";
import { LATEST, scopeOf } from "app/stores/scope.js";

/** @typedef {import("app/stores/account.js").AccountState} AccountState */
/** @typedef {import("app/core/stream.js").StreamEvent} StreamEvent */
/** @typedef {ReturnType<typeof scopeOf>} Scope */

const FIGURES_PAUSE = 500;
const MINUTE = 60_000;

/** The facts that the server printed on the page. */
export const facts = document.body.dataset;
const account = facts.account ?? "";
const snapshotPath = `/api/snapshot?account=${encodeURIComponent(account)}&trades=${LATEST}`;

let offset = Date.parse(facts.now ?? "") - Date.now();
let heard = Date.now();
/** @type {AccountState | null} */
let state = null;
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

/** @param {Page} page */
export function startPage(page = {}) {
  startMenus();
  const paint = eachFrame(() => repaint(page, true));

  const figures = coalesced(async () => {
    await visible();
    const found = await read(snapshotPath);
    if (!found || !state) return;
    state = { ...state, summary: found.summary };
    paint();
    page.figures?.();
  }, FIGURES_PAUSE);

  const load = async () => {
    const found = await read(snapshotPath, { fresh: true });
    heard = Date.now();
    state = found;
    return found;
  };

  const listener = {
    /** @param {StreamEvent[]} events */
    events(events) {
      heard = Date.now();
      if (!state) return;
      for (const event of events) state = reduce(state, event);
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

  setInterval(() => grow(setting()), 1000);
  setInterval(() => paint(), 10_000);
  setInterval(figures, MINUTE);
  addEventListener("online", () => stream?.hurry());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) stream?.hurry();
  });
  begin();
}

/**
 * @param {Page} page
 * @param {boolean} mark
 */
function repaint(page, mark) {
  if (!state) return;
  state = passTime(state, now());
  const scope = scopeOf(state, now());
  fill(document.body, scope, setting(), mark);
  for (const container of document.querySelectorAll("[data-rows]")) {
    const list = follow(scope, container.getAttribute("data-rows") ?? "");
    if (Array.isArray(list)) rows(container, list, setting(), mark);
  }
  page.paint?.(scope);
}

/** @param {import("app/core/stream.js").State} to */
export function showConnection(to) {
  document.body.dataset.live = to;
  for (const indicator of document.querySelectorAll("[data-connection]")) {
    indicator.setAttribute("data-state", to);
    const last = indicator.querySelector("[data-last]");
    if (last) last.textContent = write("exact-clock", new Date(heard + offset).toISOString(), setting());
  }
}
