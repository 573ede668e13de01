/** What the dialog of a closer look is made of besides the server's page: its tools, and what it says meanwhile. */

import { word } from "app/core/words.js";

/**
 * @typedef {object} Tools
 * @property {string} count which of how many, empty for one alone
 * @property {(by: number) => void} turn
 * @property {(by: number) => boolean} can
 * @property {() => void} page
 * @property {() => void} close
 */

/**
 * @param {HTMLElement} place
 * @param {Tools} does
 */
export function tools(place, { count, turn, can, page, close }) {
  const room = place.querySelector("[data-show-tools]");
  if (!room) return;
  const parts = [];
  if (count) parts.push(Object.assign(document.createElement("span"), { className: "hint", textContent: count }));
  if (can(-1) || can(1)) {
    parts.push(tool("chevron-left", word("show", "previous"), () => turn(-1), !can(-1)));
    parts.push(tool("chevron-right", word("show", "next"), () => turn(1), !can(1)));
  }
  parts.push(tool("external-link", word("show", "page"), page));
  parts.push(tool("x", word("show", "close"), close));
  room.replaceChildren(...parts);
}

/**
 * The name before or after another one in a list; null at its ends.
 * @param {string[]} names
 * @param {string} name
 * @param {number} by
 */
export const step = (names, name, by) => (names.includes(name) ? names[names.indexOf(name) + by] ?? null : null);

/**
 * @param {string} icon
 * @param {string} label
 * @param {() => void} act
 * @param {boolean} [disabled]
 */
function tool(icon, label, act, disabled = false) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "tool", title: label, disabled });
  button.setAttribute("aria-label", label);
  button.append(iconOf(icon));
  button.addEventListener("click", act);
  return button;
}

/** @param {string} name */
function iconOf(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${document.body.dataset.sprite}#${name}`);
  svg.append(use);
  return svg;
}

export const waiting = () => Object.assign(document.createElement("p"), { className: "waiting", textContent: word("show", "loading") });

/**
 * What the server said instead of it, or that it said nothing.
 * @param {Element | null} refusal the words of an error page
 * @param {() => void} close
 */
export function failed(refusal, close) {
  const place = Object.assign(document.createElement("div"), { className: "waiting" });
  if (refusal) place.append(document.adoptNode(refusal));
  else place.append(Object.assign(document.createElement("p"), { textContent: word("show", "failed") }));
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: word("show", "close") });
  button.addEventListener("click", close);
  place.append(button);
  return place;
}
