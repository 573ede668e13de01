/**
 * Another address of the same page without loading it anew. The server prints every number, so its answer is the truth:
 * the parts marked `data-part` take the place of the old ones, charts are asked again if what they ask has changed.
 * The answer arrives as a parsed document, never as text put into the page.
 */

import { ApiError, coalesced } from "app/core/api.js";
import { released, visible } from "app/core/frame.js";
import { findPanels, sourcesOf } from "app/features/panels.js";

const PAUSE = 2000;
const TYPING = 300;
/** @type {Set<() => void>} */
const listeners = new Set();

/** Call `listener` after parts have changed. @param {() => void} listener */
export function onVisit(listener) {
  listeners.add(listener);
}

/** A bare address brings back the filters of last time; here the page as it stands is meant. @param {string} address */
function explicit(address) {
  const found = new URL(address, location.href);
  if (!found.search) found.search = "?reset";
  return found.href;
}

/** As the person is to see it. @param {string} address */
function shown(address) {
  const found = new URL(address, location.href);
  found.searchParams.delete("reset");
  return found.pathname + found.search + found.hash;
}

/**
 * @param {string} address
 * @returns {Promise<Document>}
 */
function page(address) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", explicit(address));
    request.responseType = "document";
    request.onload = () => (request.status === 200 && request.response ? resolve(request.response) : reject(new ApiError(request.status)));
    request.onerror = () => reject(new ApiError(0));
    request.send();
  });
}

/**
 * A part with the key it had stays as it is: its charts ask for themselves, what is typed into it is not lost.
 * @param {Element} old
 * @param {Element} fresh
 */
const same = (old, fresh) => old.hasAttribute("data-key") && old.getAttribute("data-key") === fresh.getAttribute("data-key");

/** The closer look has a document of its own. @param {Element} element */
const roomOf = (element) => element.closest(".show-dialog");

/**
 * Put the parts of another document in the place of the same parts here.
 * @param {Document} fresh
 * @param {Element | null} [room] a closer look, or the page without it
 */
export function takeParts(fresh, room = null) {
  const focused = document.activeElement;
  const opened = [...document.querySelectorAll("[data-part] :is(details[open], :popover-open)")].map(({ id }) => id);
  for (const old of document.querySelectorAll("[data-part]")) {
    if (roomOf(old) !== room) continue;
    const found = fresh.querySelector(`[data-part="${old.getAttribute("data-part")}"]`);
    if (found && !same(old, found)) old.replaceWith(document.adoptNode(found));
  }
  sourcesOf(fresh, room);
  findPanels();
  for (const id of opened) reopen(document.getElementById(id));
  refocus(focused);
}

/** A menu or a drawer stays open through the change that was chosen in it. @param {HTMLElement | null} host */
function reopen(host) {
  if (host instanceof HTMLDetailsElement) host.open = host.querySelector("form, [data-stays]") !== null;
  else if (host?.popover) host.showPopover();
}

/** What was typed meanwhile, and where, is not lost. @param {Element | null} old */
function refocus(old) {
  const found = old?.id ? document.getElementById(old.id) : null;
  if (!found || found === document.activeElement) return;
  found.focus({ preventScroll: true });
  if (!(old instanceof HTMLInputElement) || !(found instanceof HTMLInputElement) || !found.closest("[data-typed]")) return;
  found.value = old.value;
  found.setSelectionRange(old.selectionStart, old.selectionEnd);
}

/** @param {Document} fresh */
function take(fresh) {
  for (const { name } of [...document.body.attributes]) if (name.endsWith("-url")) document.body.removeAttribute(name);
  for (const { name, value } of fresh.body.attributes) if (name.endsWith("-url")) document.body.setAttribute(name, value);
  takeParts(fresh);
  for (const listener of listeners) listener();
}

/** The address of the page behind a closer look. */
function behind() {
  const address = new URL(location.href);
  if (address.searchParams.get("show")?.includes("-")) address.searchParams.delete("show");
  return address.pathname + address.search;
}

/** What the page shows. */
let here = behind();

/** Which visit is the last one asked for: an answer that comes after a newer wish is dropped. */
let wish = 0;

/** Tabs of one browser that show the same page go along. */
const tabs = "BroadcastChannel" in globalThis ? new BroadcastChannel("botv2-filters") : null;

/**
 * Go to another address of this page; where that fails, load it as any link would.
 * @param {string} address
 * @param {{push?: boolean, replace?: boolean}} [how] `replace`: one more step on the way, to which nobody wants to go back
 */
export async function visit(address, { push = true, replace = false } = {}) {
  const mine = (wish += 1);
  document.body.toggleAttribute("data-visiting", true);
  try {
    const fresh = await page(address);
    await released();
    if (mine !== wish) return;
    if (push) {
      history[replace ? "replaceState" : "pushState"](null, "", shown(address));
      import("app/features/remember.js").then(({ remember }) => remember());
      tabs?.postMessage({ pathname: location.pathname, search: location.search });
    }
    here = behind();
    take(fresh);
  } catch {
    if (mine === wish) location.assign(address);
  } finally {
    if (mine === wish) document.body.toggleAttribute("data-visiting", false);
  }
}

/** Ask for the parts again where they are: figures over rows have changed. */
export const refreshParts = coalesced(async () => {
  await visible();
  const [mine, address] = [wish, behind()];
  const fresh = await page(address);
  await released();
  // A visit that is or was under way shows another address: this answer is no longer asked for.
  if (mine === wish && address === behind() && !document.body.hasAttribute("data-visiting")) take(fresh);
  else refreshParts();
}, PAUSE);

/** What the address asks for. */
export const asked = () => new URLSearchParams(location.search);

/**
 * The address of this page with other parameters.
 * @param {(parameters: URLSearchParams) => void} change
 */
export function changed(change) {
  const parameters = asked();
  change(parameters);
  return `${location.pathname}${parameters.size ? "?" : ""}${parameters}`;
}

/** Links marked `data-visit` change this page; everything else is a link. */
export function startVisits() {
  document.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest("a[data-visit], [data-visit] a[href^='?']");
    if (!(link instanceof HTMLAnchorElement) || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    visit(link.href);
  });
  document.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (!form.matches("form[data-visit]")) return;
    event.preventDefault();
    if (form.reportValidity()) visit(addressOf(form));
  });
  startTyping();
  tabs?.addEventListener("message", ({ data }) => {
    if (data.pathname === location.pathname && data.search !== location.search) {
      history.replaceState(null, "", data.pathname + data.search);
      visit(location.href, { push: false });
    }
  });
  addEventListener("popstate", () => behind() !== here && visit(location.href, { push: false }));
}

/** The address that a form asks for. @param {HTMLFormElement} form */
function addressOf(form) {
  const number = (/** @type {string} */ name) => /** @type {HTMLInputElement | null} */ (form.elements.namedItem(name))?.inputMode === "decimal";
  const values = [...new FormData(form)].map(([name, value]) => [name, number(name) ? String(value).trim().replace(",", ".") : String(value)]);
  return `?${new URLSearchParams(values.filter(([, value]) => value !== ""))}`;
}

/** What is typed into a filter takes effect once the person pauses. */
function startTyping() {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  document.addEventListener("input", (event) => {
    const name = /** @type {Element} */ (event.target).closest("[data-typed]")?.getAttribute("data-typed");
    if (!name) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      // A visit may have put another form in its place.
      const form = /** @type {HTMLFormElement | null} */ (document.querySelector(`[data-typed="${name}"]`));
      if (form?.checkValidity()) visit(addressOf(form), { replace: true });
    }, TYPING);
  });
}
