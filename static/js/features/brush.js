/** A range dragged on any timeline: Apply makes it the time of the whole page, Clear takes it back. */

import { write } from "app/core/format.js";
import { setting } from "app/features/live.js";
import { visit } from "app/features/visit.js";

const MARGIN = 8;

/** @typedef {{from: number, to: number, left: number, width: number}} Brushed */

export function startBrush() {
  const template = document.querySelector("template[data-brush]");
  if (!(template instanceof HTMLTemplateElement)) return;
  const control = /** @type {HTMLElement} */ (/** @type {DocumentFragment} */ (template.content.cloneNode(true)).firstElementChild);
  /** @type {Brushed | null} */
  let range = null;

  document.addEventListener("brush", (event) => {
    range = /** @type {CustomEvent<Brushed>} */ (event).detail;
    const room = /** @type {HTMLElement} */ (event.target);
    if (room.closest("[data-show]")) {
      // A closer look has no time of its own: a range dragged on it comes nearer.
      room.dispatchEvent(new CustomEvent("unbrush"));
      room.dispatchEvent(new CustomEvent("zoom", { detail: { from: range.from, to: range.to }, bubbles: true }));
      return;
    }
    const text = control.querySelector("[data-range]");
    if (text) text.textContent = [range.from, range.to].map((at) => `${write("day", iso(at), setting())} ${write("clock", iso(at), setting())}`).join(" – ");
    room.append(control);
    const middle = range.left + range.width / 2 - control.offsetWidth / 2;
    control.style.left = `${Math.min(Math.max(middle, MARGIN), room.clientWidth - control.offsetWidth - MARGIN)}px`;
  });

  control.addEventListener("click", (event) => {
    const act = /** @type {Element} */ (event.target).closest("[data-brush-act]")?.getAttribute("data-brush-act");
    if (!act || !range) return;
    const { from, to } = range;
    close(control);
    if (act === "apply") visit(between(iso(from), iso(to)));
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && close(control));
}

/** @param {HTMLElement} control */
function close(control) {
  control.closest("[data-room]")?.dispatchEvent(new CustomEvent("unbrush"));
  control.remove();
}

/** @param {number} seconds */
const iso = (seconds) => new Date(Math.round(seconds) * 1000).toISOString().replace(".000Z", "Z");

/**
 * This page in another time.
 * @param {string} start
 * @param {string} end
 */
function between(start, end) {
  const address = new URL(location.href);
  for (const name of ["period", "page"]) address.searchParams.delete(name);
  address.searchParams.set("start", start);
  address.searchParams.set("end", end);
  return address.href;
}
