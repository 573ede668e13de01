/**
 * Looking closer: what a place names (`data-show-key="trade-12"`, or a row of a list marked `data-shows`) is shown in a
 * dialog over the page. The address says what is shown (`?show=trade-12`), so it can be sent to somebody, and Back closes
 * it; without JavaScript the same is a page. What is asked of the server goes along with the filters of the page.
 */

import { coalesced } from "app/core/api.js";
import { released, visible } from "app/core/frame.js";
import { word } from "app/core/words.js";
import { findPanels } from "app/features/panels.js";
import { failed, step, tools, waiting } from "app/features/show_parts.js";
import { startNotes } from "app/features/notes.js";
import { swipes } from "app/features/swipes.js";
import { refreshParts, takeParts } from "app/features/visit.js";

const SHOWN = /^([a-z]+)-(.{1,200})$/u;
const PAUSE = 1000;

/** Rows of a list whose rows show something, and single places that do. */
const PLACES = "[data-shows] > [data-row], [data-show-key]";

/** @type {HTMLDialogElement | null} */
let dialog = null;
/** What is shown, as the address names it. */
let shown = "";
/** What the dialog asks besides, by its own links: a longer time, other candles. */
let chosen = "";
/** @type {XMLHttpRequest | null} */
let request = null;
/** Whether the history is on its way back to the page. */
let leaving = Promise.resolve();

/** @param {string} name */
export function linkOf(name) {
  const [, kind, key] = SHOWN.exec(name) ?? ["", "", ""];
  return `/a/${document.body.dataset.account}/show/${kind}/${key.split("/").map(encodeURIComponent).join("/")}`;
}

/** The filters of the page, which what is shown obeys; a time that goes without saying is said. */
function filters() {
  const asked = new URLSearchParams(location.search);
  const usual = document.body.dataset.usualPeriod;
  asked.delete("show");
  if (usual && !["period", "start", "end"].some((name) => asked.has(name))) asked.set("period", usual);
  return asked.size ? `?${asked}` : "";
}

const asked = () => linkOf(shown) + (chosen || filters());

/** @param {Element} place */
const nameOf = (place) => place.getAttribute("data-show-key") ?? `${place.parentElement?.getAttribute("data-shows")}-${place.getAttribute("data-row")}`;

/** What is listed of the kind of `name`, in its order, each thing once. @param {ParentNode} root @param {string} name */
const listed = (root, name) => [...new Set([...root.querySelectorAll(PLACES)].filter((each) => !each.closest("[hidden]") && (root !== document || !each.closest("dialog"))).map(nameOf))].filter((each) => each.split("-", 1)[0] === name.split("-", 1)[0]);

export function startShow() {
  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const place = target.closest(PLACES);
    const other = target.closest("a, button, input, select, textarea, label, summary");
    if (!place || event.metaKey || event.ctrlKey || event.shiftKey || (other && other !== place)) return;
    event.preventDefault();
    show(nameOf(place));
  });
  document.addEventListener("keydown", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (event.key === "Enter" && target.matches?.(PLACES) && !(target instanceof HTMLAnchorElement || target instanceof HTMLButtonElement)) show(nameOf(target));
    if (!dialog?.open || document.querySelector("dialog.dialog[open]") || target.closest("input, textarea, select, [data-room]")) return;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by) turn(by);
  });
  document.addEventListener("follow", (event) => {
    const to = /** @type {CustomEvent<string>} */ (event).detail;
    const name = new URLSearchParams(to.startsWith("?") ? to : "").get("show");
    if (name) show(name);
    else location.assign(to);
  });
  addEventListener("popstate", follow);
  follow();
}

/** Show what the address names. */
function follow() {
  const wanted = new URL(location.href).searchParams.get("show") ?? "";
  if (!SHOWN.test(wanted)) dialog?.close();
  else if (wanted !== shown) open(wanted);
}

/** @param {string} name kind and key, as `trade-12` */
export async function show(name) {
  await leaving;
  if (!SHOWN.test(name) || name === shown) return;
  const depth = (history.state?.depth ?? 0) + 1;
  // Of a list within the dialog, which is about to go, the names are kept.
  const names = dialog?.open ? listed(dialog, name) : undefined;
  history.pushState({ depth, names }, "", addressOf(name));
  await open(name);
}

/** @param {string | null} name */
function addressOf(name) {
  const address = new URL(location.href);
  if (name) address.searchParams.set("show", name);
  else address.searchParams.delete("show");
  return address;
}

/** @param {string} name */
async function open(name) {
  shown = name;
  chosen = "";
  const place = room();
  if (!place.open) {
    place.replaceChildren(waiting());
    place.showModal();
  }
  place.setAttribute("aria-busy", "true");
  const answer = await load(asked()).catch(() => null);
  if (shown !== name || !place.open) return;
  place.removeAttribute("aria-busy");
  const found = answer?.querySelector("[data-show]");
  place.replaceChildren(found ? document.adoptNode(found) : failed(answer?.querySelector("[data-refused]") ?? null, () => place.close()));
  place.setAttribute("aria-label", place.querySelector("h1, h2")?.textContent?.trim() ?? "");
  equip(place);
  startNotes(place);
  findPanels();
}

/** Which of how many, the one before and after, its address, and the way out. @param {HTMLDialogElement} place */
function equip(place) {
  const names = around();
  const at = names.indexOf(shown);
  tools(place, {
    count: at < 0 || names.length < 2 || said() ? "" : `${at + 1} / ${names.length}`,
    turn,
    can: (by) => beside(by) !== null,
    page: () => location.assign(asked()),
    close: () => place.close(),
  });
}

/** The names among which the one that is shown stands. */
const around = () => /** @type {string[]} */ (history.state?.names ?? listed(document, shown));

/** The ones before and after, if what is shown says them itself. */
function said() {
  const { previous = null, next = null } = /** @type {HTMLElement | null | undefined} */ (dialog?.querySelector("[data-show]"))?.dataset ?? {};
  return previous || next ? { previous, next } : null;
}

/** The one before or after, as what is shown says itself or else as the page lists them. @param {number} by @returns {string | null} */
function beside(by) {
  const own = said();
  return own ? (by < 0 ? own.previous : own.next) : step(around(), shown, by);
}

/** @param {number} by */
function turn(by) {
  const next = beside(by);
  if (!next) return;
  history.replaceState(history.state, "", addressOf(next));
  open(next);
}

/**
 * @param {string} address
 * @returns {Promise<Document | null>}
 */
function load(address) {
  request?.abort();
  const mine = (request = new XMLHttpRequest());
  return new Promise((resolve, reject) => {
    mine.open("GET", address);
    mine.responseType = "document";
    mine.onload = () => resolve(mine.response);
    mine.onerror = () => reject(new Error("no answer"));
    mine.onabort = () => reject(new Error("not wanted any more"));
    mine.send();
  });
}

function room() {
  if (dialog) return dialog;
  const made = document.createElement("dialog");
  made.className = "show-dialog";
  made.addEventListener("click", (event) => chose(event, made));
  made.addEventListener("close", () => closed(made));
  swipes(made);
  document.body.append(made);
  dialog = made;
  return made;
}

/** Its own links ask for the same in another way. @param {Event} event @param {HTMLDialogElement} place */
function chose(event, place) {
  const target = /** @type {Element} */ (event.target);
  if (target === place) place.close();
  const link = target.closest("[data-visit] a[href^='?']");
  if (!(link instanceof HTMLAnchorElement)) return;
  event.preventDefault();
  event.stopPropagation();
  chosen = link.search;
  renew();
}

/** What is taken away is not shown any more. @param {string} name */
export function closeShown(name) {
  if (shown === name) dialog?.close();
}

/** @param {HTMLDialogElement} place */
function closed(place) {
  request?.abort();
  const name = shown;
  shown = chosen = "";
  place.replaceChildren();
  findPanels();
  if (!new URL(location.href).searchParams.has("show")) return;
  const { depth = 0 } = history.state ?? {};
  if (depth) {
    leaving = new Promise((resolve) => addEventListener("popstate", () => resolve(), { once: true }));
    history.go(-depth);
  } else history.replaceState(null, "", addressOf(null));
  // The row that it was opened from may have been drawn anew.
  const place_ = /** @type {HTMLElement | undefined} */ ([...document.querySelectorAll(PLACES)].find((each) => nameOf(each) === name));
  if (document.activeElement === document.body) place_?.focus();
}

/** Ask again for what is shown: its parts take the place of the old ones. */
const renew = coalesced(async () => {
  await visible();
  if (!dialog || !shown) return;
  const name = shown;
  const fresh = await load(asked());
  await released();
  if (name !== shown || !fresh?.querySelector("[data-show]")) return;
  takeParts(fresh, dialog);
}, PAUSE);

/**
 * Events after which what is shown may be another.
 * @param {{type: string, d?: any}[]} events
 */
export function hearShow(events) {
  for (const article of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-show]"))) {
    if (!events.some((event) => concerns(article, event))) continue;
    if (article.closest("dialog")) renew();
    else refreshParts();
  }
}

/**
 * @param {HTMLElement} article
 * @param {{type: string, d?: any}} event
 */
function concerns({ dataset }, { type, d }) {
  if (!(dataset.live ?? "").split(" ").includes(type)) return false;
  const { only } = dataset;
  return type !== "trade_executed" || !only || !d || String(d[only]) === dataset.onlyValue;
}
