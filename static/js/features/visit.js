/**
 * Another address of the same page without loading it anew. The server prints every number, so its answer is the truth:
 * the parts marked `data-part` take the place of the old ones, charts are asked again if what they ask has changed.
 * The answer arrives as a parsed document, never as text put into the page.
 */

import { coalesced } from "app/core/api.js";
import { visible } from "app/core/frame.js";
import { findPanels, sourcesOf } from "app/features/panels.js";

const PAUSE = 2000;
/** @type {Set<() => void>} */
const listeners = new Set();

/** Call `listener` after parts have changed. @param {() => void} listener */
export function onVisit(listener) {
  listeners.add(listener);
}

/**
 * @param {string} address
 * @returns {Promise<Document>}
 */
function page(address) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.onload = () => (request.status === 200 && request.response ? resolve(request.response) : reject(new Error(String(request.status))));
    request.onerror = () => reject(new Error("no answer"));
    request.send();
  });
}

/**
 * A part with the key it had stays as it is: its charts ask for themselves, what is typed into it is not lost.
 * @param {Element} old
 * @param {Element} fresh
 */
const same = (old, fresh) => old.hasAttribute("data-key") && old.getAttribute("data-key") === fresh.getAttribute("data-key");

/** @param {Document} fresh */
function take(fresh) {
  const focused = document.activeElement?.id;
  for (const old of document.querySelectorAll("[data-part]")) {
    const found = fresh.querySelector(`[data-part="${old.getAttribute("data-part")}"]`);
    if (found && !same(old, found)) old.replaceWith(document.adoptNode(found));
  }
  for (const { name } of [...document.body.attributes]) if (name.endsWith("-url")) document.body.removeAttribute(name);
  for (const { name, value } of fresh.body.attributes) if (name.endsWith("-url")) document.body.setAttribute(name, value);
  sourcesOf(fresh);
  findPanels();
  if (focused) document.getElementById(focused)?.focus();
  for (const listener of listeners) listener();
}

/** Which visit is the last one asked for: an answer that comes after a newer wish is dropped. */
let wish = 0;

/** Tabs of one browser that show the same page go along. */
const tabs = "BroadcastChannel" in globalThis ? new BroadcastChannel("botv2-filters") : null;

/**
 * Go to another address of this page; where that fails, load it as any link would.
 * @param {string} address
 * @param {{push?: boolean}} [how]
 */
export async function visit(address, { push = true } = {}) {
  const mine = (wish += 1);
  document.body.toggleAttribute("data-visiting", true);
  try {
    const fresh = await page(address);
    if (mine !== wish) return;
    if (push) {
      history.pushState(null, "", address);
      tabs?.postMessage({ pathname: location.pathname, search: location.search });
    }
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
  const [mine, address] = [wish, location.href];
  const fresh = await page(address);
  // A visit that was under way meanwhile shows another address: this answer is no longer asked for.
  if (mine === wish && address === location.href) take(fresh);
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
    const values = [...new FormData(form)].filter(([, value]) => value !== "").map(([name, value]) => [name, String(value)]);
    visit(`?${new URLSearchParams(values)}`);
  });
  tabs?.addEventListener("message", ({ data }) => {
    if (data.pathname === location.pathname && data.search !== location.search) {
      history.replaceState(null, "", data.pathname + data.search);
      visit(location.href, { push: false });
    }
  });
  addEventListener("popstate", () => visit(location.href, { push: false }));
}
