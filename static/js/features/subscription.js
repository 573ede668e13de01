/** This browser's subscription to pushes, and whose it is. */

import { read } from "app/core/api.js";

export const PATH = "/api/me/pushes";
const SEEN = "botv2-push-of";

/** @returns {Promise<PushSubscription | null>} */
export async function subscription() {
  const registration = await navigator.serviceWorker?.getRegistration();
  return registration?.pushManager?.getSubscription() ?? null;
}

/**
 * The row of this browser among those of the person.
 * @param {any[]} subscriptions
 */
export async function rowOf(subscriptions) {
  const own = await subscription();
  if (!own) return null;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(own.endpoint));
  const known = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("").slice(0, 32);
  return subscriptions.find((row) => row.fingerprint === known) ?? null;
}

/** Whoever signs in here is not told what somebody else had pushed to this browser. Looked at once a session. */
export async function dropForeign() {
  const person = document.body.dataset.person ?? "";
  if (globalThis.Notification?.permission !== "granted" || sessionStorage.getItem(SEEN) === person) return;
  const own = await subscription();
  if (!own || !person) return;
  const { subscriptions } = await read(PATH, { fresh: true });
  if (!(await rowOf(subscriptions))) await own.unsubscribe();
  sessionStorage.setItem(SEEN, person);
}
