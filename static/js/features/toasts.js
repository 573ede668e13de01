/** Short notes at the lower right: what was done, and one thing to do about it. Warnings stay until they are closed. */

import { word } from "app/core/words.js";

const LIFE = 6000;
const LIFE_WITH_ACTION = 10_000;
const MOST = 3;

/**
 * @param {string} text
 * @param {{detail?: string, warning?: boolean, stays?: boolean, action?: {title: string, run: () => void}}} [more]
 * @returns {() => void} takes it back
 */
export function toast(text, { detail = "", warning = false, stays = false, action } = {}) {
  const place = /** @type {HTMLElement} */ (document.querySelector("[data-toasts]"));
  const template = /** @type {HTMLTemplateElement} */ (place.querySelector("template"));
  const shown = /** @type {HTMLElement} */ (/** @type {DocumentFragment} */ (template.content.cloneNode(true)).firstElementChild);
  const fill = (/** @type {string} */ name, /** @type {string} */ value) => {
    const part = /** @type {HTMLElement} */ (shown.querySelector(`[data-${name}]`));
    part.textContent = value;
    return part;
  };
  shown.toggleAttribute("data-warning", warning);
  fill("text", text);
  fill("detail", detail);
  fill("action", action?.title ?? word("told", "close")).addEventListener("click", () => {
    shown.remove();
    action?.run();
  });
  while (place.childElementCount > MOST) (place.querySelector(".toast:not([data-warning])") ?? place.querySelector(".toast"))?.remove();
  place.append(shown);
  raise(place);
  if (!warning && !stays) leave(shown, action ? LIFE_WITH_ACTION : LIFE);
  return () => shown.remove();
}

/** Above everything, dialogs too. @param {HTMLElement} place */
function raise(place) {
  if (place.matches(":popover-open")) place.hidePopover();
  place.showPopover();
}

/**
 * Gone after its time, which stands still while somebody reads.
 * @param {HTMLElement} shown
 * @param {number} life
 */
function leave(shown, life) {
  let timer = setTimeout(() => shown.remove(), life);
  const stay = () => clearTimeout(timer);
  const go = () => (timer = setTimeout(() => shown.remove(), life));
  for (const name of ["pointerenter", "focusin"]) shown.addEventListener(name, stay);
  for (const name of ["pointerleave", "focusout"]) shown.addEventListener(name, go);
}
