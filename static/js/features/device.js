/** This device in Settings: whether it is the person's own, how much it keeps, and what waits to be sent. */

import { send } from "app/core/api.js";
import { attempt } from "app/features/dialogs.js";
import { inWords, onQueue } from "app/features/queued.js";
import { askWorker } from "app/features/worker.js";

/** @typedef {Record<string, {entries: number, bytes: number}>} Kept */

const place = /** @type {HTMLElement} */ (document.querySelector("[data-device]"));
const FILES = ["static", "images", "shell"];

export function startDevice() {
  const box = /** @type {HTMLInputElement} */ (place.querySelector("[name=own]"));
  place.querySelector("form")?.addEventListener("submit", (event) => event.preventDefault());
  box.addEventListener("change", () =>
    attempt(async () => {
      await send("PATCH", "/api/me/device", { own: box.checked });
      await showKept();
    }).finally(() => showKept()),
  );
  const cleared = /** @type {HTMLElement} */ (place.querySelector("[data-cleared]"));
  place.querySelector("[data-clear]")?.addEventListener("click", async () => {
    await askWorker({ type: "CLEAR_CACHE" });
    await showKept();
    cleared.hidden = false;
  });
  place.addEventListener("click", async (event) => {
    const row = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-drop]")?.closest("li"));
    if (row) showQueue((await askWorker({ type: "DROP_QUEUED", id: row.dataset.id })) ?? { waiting: [], refused: [] });
  });
  onQueue(showQueue);
  navigator.serviceWorker?.ready.then(showKept);
}

/** @param {number} bytes */
function size(bytes) {
  const number = (/** @type {number} */ value, /** @type {string} */ unit) =>
    new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 }).format(value);
  return bytes < 1e6 ? number(Math.ceil(bytes / 1000), "kilobyte") : number(bytes / 1e6, "megabyte");
}

async function showKept() {
  const [kept, about] = await Promise.all([askWorker({ type: "KEPT" }), askWorker({ type: "GET_VERSION" })]);
  const storage = /** @type {HTMLElement} */ (place.querySelector("[data-storage]"));
  storage.hidden = !kept;
  if (!kept) return;
  for (const shown of /** @type {NodeListOf<HTMLElement>} */ (storage.querySelectorAll("[data-size]"))) {
    const kinds = shown.dataset.size === "files" ? FILES : [shown.dataset.size ?? ""];
    const sums = kinds.map((kind) => /** @type {Kept} */ (kept)[kind] ?? { entries: 0, bytes: 0 });
    const [entries, bytes] = [sums.reduce((sum, each) => sum + each.entries, 0), sums.reduce((sum, each) => sum + each.bytes, 0)];
    shown.textContent = `${entries} · ${size(bytes)}`;
  }
  const version = storage.querySelector("[data-version]");
  if (version) version.textContent = about?.version ?? "";
}

/** @param {import("app/features/queued.js").Queue} queue */
function showQueue({ waiting, refused }) {
  const list = /** @type {HTMLElement} */ (place.querySelector("[data-queue]"));
  const template = /** @type {HTMLTemplateElement} */ (list.querySelector("template"));
  for (const row of list.querySelectorAll("li")) row.remove();
  for (const entry of [...waiting, ...refused]) {
    const row = /** @type {HTMLElement} */ (/** @type {DocumentFragment} */ (template.content.cloneNode(true)).firstElementChild);
    row.dataset.id = entry.id;
    const what = row.querySelector("[data-what]");
    if (what) what.textContent = inWords(entry) + (entry.why ? ` – ${entry.why}` : "");
    template.parentElement?.append(row);
  }
  list.hidden = waiting.length + refused.length === 0;
}
