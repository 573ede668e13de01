/**
 * The command palette (Ctrl or Cmd and K) and the keys of the page. Everything it offers is already on the page as a
 * link or a button: what is typed finds it by its words.
 */

import { word } from "app/core/words.js";
import { dialog } from "app/features/dialogs.js";

/** @typedef {{title: string, group: string, hint?: string, act: () => void}} Entry */

const MOST = 12;
const PATIENCE = 1200;
/** The second key after `g`. */
const GO = { o: "overview", f: "portfolio", s: "strategies", t: "trades", r: "risk", m: "market", a: "alerts", l: "activity", c: "connect", e: "settings" };

/** @type {Entry[]} */
let found = [];
let chosen = 0;
let went = -Infinity;

/** @returns {HTMLDialogElement} */
const palette = () => dialog("palette");
const input = () => /** @type {HTMLInputElement} */ (palette().querySelector("input"));

export function startPalette() {
  if (!document.querySelector('[data-dialog="palette"]')) return;
  for (const button of document.querySelectorAll("[data-palette]")) button.addEventListener("click", open);
  input().addEventListener("input", () => list(input().value));
  palette().addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by && found.length) choose((chosen + by + found.length) % found.length);
    else if (event.key === "Enter") run(found[chosen]);
    else return;
    event.preventDefault();
  });
  palette().addEventListener("click", (event) => {
    const row = /** @type {Element} */ (event.target).closest("[data-entry]");
    if (row) run(found[Number(row.getAttribute("data-entry"))]);
  });
  document.addEventListener("keydown", keys);
}

/** @param {KeyboardEvent} event */
function keys(event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open();
    return;
  }
  const typing = /** @type {Element} */ (event.target).closest?.("input, textarea, select, [contenteditable], dialog[open]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (performance.now() - went < PATIENCE && event.key in GO) {
    went = -Infinity;
    event.preventDefault();
    link(GO[/** @type {keyof typeof GO} */ (event.key)])?.click();
  } else if (event.key === "g") went = performance.now();
  else if (event.key === "?") dialog("shortcuts").showModal();
  else if (event.key === "/") {
    event.preventDefault();
    open();
  } else if (event.key === "h") press("[data-privacy]");
}

/** @param {string} selector */
const press = (selector) => /** @type {HTMLElement | null} */ (document.querySelector(selector))?.click();

/** @param {string} page @returns {HTMLElement | null} */
const link = (page) => document.querySelector(`.side [data-page-link="${page}"]`);

function open() {
  if (palette().open) return;
  input().value = "";
  list("");
  palette().showModal();
  input().focus();
}

/** What this page offers now. @returns {Entry[]} */
function entries() {
  const from = (/** @type {string} */ selector, /** @type {string} */ group) =>
    [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(selector))].map((element) => ({
      title: (element.dataset.title ?? element.getAttribute("aria-label") ?? element.textContent ?? "").replace(/\s+/g, " ").trim(),
      group: word("palette", group),
      act: () => element.click(),
    }));
  return [
    ...from(".side .nav a", "page"),
    ...from(".time-bar .segmented a", "time"),
    ...from(".account .menu a", "account"),
    ...from("[data-themes] button", "theme"),
    ...from("[data-privacy]", "act"),
    { title: word("palette", "shortcuts"), group: word("palette", "act"), act: () => dialog("shortcuts").showModal() },
    ...from(".person + .menu button[type=submit]", "act"),
  ];
}

/**
 * How well the words of `wanted` fit, the lower the better; null if one is missing.
 * @param {Entry} entry
 * @param {string} wanted
 */
export function fit(entry, wanted) {
  const text = `${entry.title} ${entry.group}`.toLowerCase();
  let worth = 0;
  for (const part of wanted.toLowerCase().split(/\s+/).filter(Boolean)) {
    const at = text.indexOf(part);
    if (at < 0) return null;
    worth += at === 0 || text[at - 1] === " " ? at / 100 : 1 + at / 100;
  }
  return worth;
}

/** @param {string} wanted */
function list(wanted) {
  found = entries()
    .map((entry) => ({ entry, worth: fit(entry, wanted) }))
    .filter(({ worth }) => worth !== null)
    .sort((one, other) => Number(one.worth) - Number(other.worth))
    .slice(0, MOST)
    .map(({ entry }) => entry);
  const place = /** @type {Element} */ (palette().querySelector("[data-entries]"));
  place.replaceChildren(
    ...found.map((entry, index) => {
      const row = document.createElement("li");
      row.id = `entry-${index}`;
      row.setAttribute("role", "option");
      row.setAttribute("data-entry", String(index));
      row.append(Object.assign(document.createElement("span"), { textContent: entry.title }), Object.assign(document.createElement("small"), { textContent: entry.group }));
      return row;
    }),
  );
  const none = palette().querySelector("[data-none]");
  none?.toggleAttribute("hidden", found.length > 0);
  choose(0);
}

/** @param {number} index */
function choose(index) {
  chosen = index;
  for (const row of palette().querySelectorAll("[data-entry]")) {
    const mine = row.getAttribute("data-entry") === String(index);
    row.setAttribute("aria-selected", String(mine));
    if (mine) row.scrollIntoView({ block: "nearest" });
  }
  input().setAttribute("aria-activedescendant", found.length ? `entry-${index}` : "");
}

/** @param {Entry | undefined} entry */
function run(entry) {
  if (!entry) return;
  palette().close();
  entry.act();
}
