/** Alerts pushed to this device: turned on and off in Settings, tried out, and never for another person. */

import { coalesced, read, send } from "app/core/api.js";
import { rows } from "app/core/bind.js";
import { word } from "app/core/words.js";
import { Told, attempt, onSubmit } from "app/features/dialogs.js";
import { setting } from "app/features/live.js";
import { PATH, rowOf, subscription } from "app/features/subscription.js";

const PAUSE = 500;
const place = /** @type {HTMLElement} */ (document.querySelector("[data-pushes]"));
/** This browser's row; null where it is not pushed to. @type {any} */
let mine = null;

/** @param {string} name @returns {HTMLElement} */
const part = (name) => /** @type {HTMLElement} */ (place.querySelector(`[${name}]`));

/** @param {string} text base64url */
function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (char) => char.charCodeAt(0));
}

export function startPushes() {
  const form = /** @type {HTMLFormElement} */ (place.querySelector("form"));
  onSubmit(form, async (values) => {
    await turnOn(String(values.get("severity")));
    await show();
  });
  form.addEventListener("change", (event) => {
    const severity = /** @type {HTMLSelectElement} */ (event.target).value;
    if (!mine) return;
    attempt(async () => {
      await send("PATCH", `${PATH}/${mine.id}`, { severity });
      await show();
    });
  });
  part("data-push-off").addEventListener("click", () => attempt(() => turnOff(mine.id)));
  part("data-push-test").addEventListener("click", () =>
    attempt(async () => {
      part("data-push-sent").hidden = true;
      const { outcome } = await send("POST", `${PATH}/${mine.id}/test`);
      await show();
      if (outcome !== "sent") throw new Told(word("push", outcome));
      part("data-push-sent").hidden = false;
    }),
  );
  part("data-rows").addEventListener("click", (event) => {
    const row = /** @type {Element} */ (event.target).closest("[data-push-remove]")?.closest("[data-row]");
    if (row) attempt(() => turnOff(Number(row.getAttribute("data-row"))));
  });
  coalesced(show, PAUSE)(); // without a connection it is asked again by itself
}

/** @param {string} severity */
async function turnOn(severity) {
  if ((await Notification.requestPermission()) !== "granted") throw new Told(word("push", "denied"));
  const registration = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: bytes(place.dataset.key ?? "") };
  const found = await registration.pushManager.subscribe(options).catch(() => {
    throw new Told(word("push", "unable"));
  });
  const { endpoint, keys } = found.toJSON();
  await send("POST", PATH, { endpoint, p256dh: keys?.p256dh, auth: keys?.auth, severity });
}

/** @param {number} id */
async function turnOff(id) {
  await send("DELETE", `${PATH}/${id}`);
  if (id === mine?.id) await (await subscription())?.unsubscribe();
  await show();
}

async function show() {
  const { subscriptions } = await read(PATH, { fresh: true });
  mine = await rowOf(subscriptions);
  rows(part("data-rows"), subscriptions, setting());
  const able = Boolean(globalThis.PushManager && globalThis.Notification);
  const problem = !place.dataset.key ? "no-key" : !able ? "unable" : Notification.permission === "denied" ? "denied" : "";
  for (const each of /** @type {NodeListOf<HTMLElement>} */ (place.querySelectorAll("[data-push-problem]"))) each.hidden = each.dataset.pushProblem !== problem;
  for (const each of /** @type {NodeListOf<HTMLElement>} */ (place.querySelectorAll("[data-push-state]"))) each.hidden = each.dataset.pushState !== (mine ? "on" : "off");
  const form = /** @type {HTMLFormElement} */ (place.querySelector("form"));
  form.hidden = problem !== "" && !mine;
  part("data-push-on").hidden = mine !== null;
  part("data-push-off").hidden = part("data-push-test").hidden = mine === null;
  if (mine) /** @type {HTMLSelectElement} */ (form.elements.namedItem("severity")).value = mine.severity;
}
