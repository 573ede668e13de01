/** The bar above a page that shows what this device kept, and the way back to what is true now. */

import { oldest, onFreshness, staleSince } from "app/core/freshness.js";
import { write } from "app/core/format.js";
import { setting } from "app/features/live.js";
import { askWorker } from "app/features/worker.js";

/** A slow server must not make a page load itself again and again. */
const PAUSE = 30_000;
const LOADED = "botv2-loaded-again";

/** Somebody is writing, or looks closer at something. */
const busy = () => document.querySelector("dialog[open]") !== null || Boolean(document.activeElement?.matches("input, textarea, select"));

function show() {
  const bar = /** @type {HTMLElement | null} */ (document.querySelector("[data-stale-bar]"));
  const since = oldest();
  if (!bar) return;
  bar.hidden = since === null;
  const time = bar.querySelector("time");
  if (since === null || !time) return;
  const at = new Date(since).toISOString();
  time.dateTime = at;
  const now = setting();
  const today = write("day", at, now) === write("day", now.now, now);
  time.textContent = `${today ? "" : `${write("day", at, now)} `}${write("exact-clock", at, now)}`;
}

/** @param {string} to the state of the connection */
async function connected(to) {
  if (to !== "live" || staleSince() === null || busy()) return;
  const last = Number(sessionStorage.getItem(LOADED));
  if (Date.now() - last < PAUSE) return;
  sessionStorage.setItem(LOADED, String(Date.now()));
  await askWorker({ type: "WAIT_FOR_NETWORK" });
  location.reload();
}

export function startStale() {
  onFreshness(show);
  show();
  document.addEventListener("connection", (event) => connected(/** @type {CustomEvent<string>} */ (event).detail));
}
