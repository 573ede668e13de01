/** What was written without a connection: what waits, that it was sent, and what the server refused. */

import { write } from "app/core/format.js";
import { word } from "app/core/words.js";
import { setting } from "app/features/live.js";
import { toast } from "app/features/toasts.js";
import { askWorker } from "app/features/worker.js";

/** @typedef {{id: string, kind: string, text: string, at: number, why?: string}} Waiting */
/** @typedef {{type?: string, waiting: Waiting[], refused: Waiting[], sent?: number, signedOut?: boolean}} Queue */

/** @type {Set<(queue: Queue) => void>} */
const listeners = new Set();
/** Told on this page already, by id. @type {Set<string>} */
const told = new Set();
let waits = 0;

/** Call `listener` with what waits, now and whenever it changes. @param {(queue: Queue) => void} listener */
export function onQueue(listener) {
  listeners.add(listener);
}

/** One of them in words. @param {Waiting} entry */
export const inWords = ({ kind, text }) => word("queued", kind) + (text ? `: ${text}` : "");

/** @param {Queue} queue */
function show(queue) {
  waits = queue.waiting.length;
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-queue-bar]"))) {
    place.hidden = waits === 0;
    const said = place.querySelector("span");
    if (said) said.textContent = write("count:changes_waiting", waits, setting());
  }
  for (const entry of queue.refused) if (!told.has(entry.id)) refuse(entry);
  for (const listener of listeners) listener(queue);
}

/** @param {Waiting} entry */
function refuse(entry) {
  told.add(entry.id);
  const drop = () => askWorker({ type: "DROP_QUEUED", id: entry.id });
  toast(word("worker", "refused"), { detail: `${inWords(entry)} – ${entry.why}`, warning: true, action: { title: word("told", "close"), run: drop } });
}

/** @param {Queue} queue */
function hear(queue) {
  const last = queue.waiting.at(-1);
  if (queue.type === "QUEUED" && last) toast(word("worker", "kept"), { detail: inWords(last) });
  if (queue.type === "SENT" && queue.sent) toast(write("count:changes_sent", queue.sent, setting()));
  if (queue.signedOut && queue.waiting.length) {
    const go = () => location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
    toast(word("worker", "signed_out"), { warning: true, action: { title: word("worker", "sign_in"), run: go } });
  }
  show(queue);
}

const send = () => waits > 0 && askWorker({ type: "SEND_QUEUED" });

export async function startQueue() {
  navigator.serviceWorker?.addEventListener("message", ({ data }) => ["QUEUE", "QUEUED", "SENT"].includes(data?.type) && hear(data));
  addEventListener("online", send);
  document.addEventListener("connection", (event) => /** @type {CustomEvent<string>} */ (event).detail === "live" && send());
  const queue = await askWorker({ type: "QUEUE" });
  if (!queue) return;
  show(queue);
  send();
}

/** Signing out throws away what waits: that is said first. What the worker keeps goes with it. */
export function startSignOut() {
  const form = document.querySelector("[data-sign-out]");
  if (!(form instanceof HTMLFormElement)) return;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const leave = async () => {
      await Promise.race([askWorker({ type: "CLEAR_CACHE", everything: true }), new Promise((resolve) => setTimeout(resolve, 2000))]);
      form.submit();
    };
    if (waits === 0) return leave();
    toast(write("count:changes_unsent", waits, setting()), { warning: true, action: { title: word("worker", "leave"), run: leave } });
  });
}
