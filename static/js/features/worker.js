/** The service worker: registered once the page is there; a newer one takes over when somebody says so. */

import { workerAddress } from "app/core/trusted.js";
import { word } from "app/core/words.js";
import { toast } from "app/features/toasts.js";

const LOOK_EVERY = 3_600_000;
const worker = /** @type {ServiceWorkerContainer | undefined} */ (navigator.serviceWorker);

/** Whether a worker was there before: the first one takes over without a question. */
let known = Boolean(worker?.controller);
/** Whether this page asked for the newer one. */
let asked = false;
let takeBack = () => {};
/** @type {WeakSet<ServiceWorker>} */
const offered = new WeakSet();

/**
 * The answer of the worker to a message; null where there is none.
 * @param {{type: string, [name: string]: any}} message
 * @returns {Promise<any>}
 */
export async function askWorker(message) {
  const registration = await worker?.getRegistration();
  const active = worker?.controller ?? registration?.active;
  if (!active) return null;
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    active.postMessage(message, [port2]);
  });
}

export async function startWorker() {
  if (!worker) return;
  worker.addEventListener("controllerchange", changed);
  const registration = await worker.register(workerAddress(), { scope: "/", updateViaCache: "none" }).catch(() => null);
  if (!registration) return;
  // A page that was on its way when the worker came, or that was loaded past it, is nobody's yet.
  worker.ready.then(({ active }) => worker.controller || active?.postMessage({ type: "CLAIM" }));
  if (worker.controller && loadedWithout()) keepThisPage();
  if (registration.waiting && known) offer(registration.waiting);
  const arriving = () => {
    const fresh = registration.installing;
    fresh?.addEventListener("statechange", () => fresh.state === "installed" && known && offer(fresh));
  };
  arriving();
  registration.addEventListener("updatefound", arriving);
  setInterval(() => registration.update().catch(() => {}), LOOK_EVERY);
}

/** Before the sign-in there is no place for notes. */
const canTell = () => document.querySelector("[data-toasts]") !== null;

/** @param {ServiceWorker} fresh */
function offer(fresh) {
  if (offered.has(fresh) || !canTell()) return;
  offered.add(fresh);
  const accept = () => {
    asked = true;
    fresh.postMessage({ type: "SKIP_WAITING" });
  };
  takeBack = toast(word("worker", "ready"), { detail: word("worker", "ready_detail"), stays: true, action: { title: word("worker", "take"), run: accept } });
}

function changed() {
  if (asked) return location.reload();
  if (known && canTell()) {
    takeBack();
    toast(word("worker", "taken"), { stays: true, action: { title: word("worker", "load"), run: () => location.reload() } });
  } else if (!known) {
    keepThisPage();
  }
  known = true;
}

/** The first worker may have come while this page was loading. */
const loadedWithout = () => /** @type {any} */ (performance.getEntriesByType("navigation")[0])?.workerStart === 0;

/** What was loaded before there was a worker, or is still on its way, is there without a connection too. */
function keepThisPage() {
  const keep = (/** @type {string[]} */ addresses) => worker?.controller?.postMessage({ type: "CACHE_URLS", payload: { urlsToCache: addresses } });
  keep([location.href]);
  const past = (/** @type {PerformanceResourceTiming} */ { name, workerStart }) => name.startsWith(location.origin) && workerStart === 0;
  new PerformanceObserver((list) => {
    const found = /** @type {PerformanceResourceTiming[]} */ (list.getEntries()).filter(past);
    if (found.length) keep([...new Set(found.map(({ name }) => name))]);
  }).observe({ type: "resource", buffered: true });
}
