/**
 * Live binding of server-rendered pages. The server prints every figure with where it comes from (`data-bind`,
 * `data-format`), every condition (`data-when`) and one `<template>` per kind of row; this fills the same places again.
 * Text only ever enters through `textContent`.
 */

import { AGEING, exactTime, sign, write } from "app/core/format.js";

/** @typedef {import("app/core/format.js").Setting} Setting */
/** @typedef {{[name: string]: any}} Scope */
/** @typedef {(element: Element, scope: Scope, setting: Setting) => void} Painter */

/**
 * Painters draw what is not text (a tape, a glyph): `data-paint="name"`.
 * @type {Map<string, Painter>}
 */
const painters = new Map();

/**
 * @param {string} name
 * @param {Painter} painter
 */
export function painter(name, painter) {
  painters.set(name, painter);
}

/**
 * @param {any} scope
 * @param {string} path
 */
export function follow(scope, path) {
  for (const name of path.split(".")) scope = scope?.[name];
  return scope;
}

/**
 * `path` (there and not empty) or `path=value`; `!` before it turns it round.
 * @param {any} scope
 * @param {string} condition
 * @returns {boolean}
 */
export function holds(scope, condition) {
  if (condition[0] === "!") return !holds(scope, condition.slice(1));
  const at = condition.indexOf("=");
  if (at >= 0) return String(follow(scope, condition.slice(0, at))) === condition.slice(at + 1);
  const value = follow(scope, condition);
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/**
 * Fill everything below `root` that belongs to `scope`; rows inside belong to their own.
 * @param {Element} root
 * @param {Scope} scope
 * @param {Setting} setting
 * @param {boolean} [mark] show briefly what has changed
 */
export function fill(root, scope, setting, mark = false) {
  const home = root.closest("[data-row]");
  for (const element of root.querySelectorAll("[data-bind], [data-when], [data-paint]")) {
    if (element.closest("[data-row]") === home) fillOne(/** @type {HTMLElement} */ (element), scope, setting, mark);
  }
}

/**
 * @param {HTMLElement} element
 * @param {Scope} scope
 * @param {Setting} setting
 * @param {boolean} mark
 */
function fillOne(element, scope, setting, mark) {
  const { bind, when, paint } = element.dataset;
  if (when !== undefined) {
    const shown = holds(scope, when);
    if (element.hidden === shown) element.hidden = !shown;
    if (element instanceof SVGElement) element.toggleAttribute("hidden", !shown);
  }
  if (bind !== undefined) figure(element, follow(scope, bind), setting, mark);
  if (paint !== undefined) painters.get(paint)?.(element, scope, setting);
}

/**
 * @param {HTMLElement} element
 * @param {any} value
 * @param {Setting} setting
 * @param {boolean} mark
 */
function figure(element, value, setting, mark) {
  const kind = element.dataset.format ?? "text";
  const text = write(kind, value, setting);
  if (element instanceof HTMLTimeElement) {
    element.dateTime = value ?? "";
    element.title = value ? exactTime(value, setting) : "";
  }
  if ("tone" in element.dataset) element.dataset.sign = sign(kind, value, setting);
  if (element.textContent === text) return;
  element.textContent = text;
  if (mark && !AGEING.has(kind)) freshen(element);
}

/**
 * Write again what changes with time alone.
 * @param {Setting} setting
 */
export function grow(setting) {
  for (const kind of AGEING) {
    for (const element of /** @type {NodeListOf<HTMLTimeElement>} */ (document.querySelectorAll(`time[data-format="${kind}"]`))) {
      if (element.dateTime) element.textContent = write(kind, element.dateTime, setting);
    }
  }
}

/**
 * Make the rows of a container those of `list`, in its order, reusing rows by key.
 * @param {Element} container with one `<template>`, and rows marked `data-row="<key>"`
 * @param {Scope[]} list
 * @param {Setting} setting
 * @param {boolean} [mark]
 */
export function rows(container, list, setting, mark = false) {
  const template = container.querySelector(":scope > template");
  if (!(template instanceof HTMLTemplateElement)) throw new Error("rows without a template");
  /** @type {Map<string, Element>} */
  const present = new Map();
  for (const row of container.querySelectorAll(":scope > [data-row]")) present.set(row.getAttribute("data-row") ?? "", row);
  /** @type {Element} */
  let before = template;
  for (const item of list) {
    const key = String(item.id);
    const known = present.get(key);
    const row = known ?? blank(template);
    present.delete(key);
    row.setAttribute("data-row", key);
    if (before.nextElementSibling !== row) before.after(row);
    fill(row, item, setting, mark && known !== undefined);
    if (mark && !known) freshen(row);
    before = row;
  }
  for (const row of present.values()) row.remove();
}

/** @param {HTMLTemplateElement} template */
function blank(template) {
  const row = /** @type {DocumentFragment} */ (template.content.cloneNode(true)).firstElementChild;
  if (!row) throw new Error("an empty row template");
  return row;
}

/**
 * Light up what has just changed, unless the person wants no motion.
 * @param {Element} element
 */
export function freshen(element) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  element.animate([{ backgroundColor: "var(--accdim)" }, {}], { duration: 600, easing: "ease-out" });
}
