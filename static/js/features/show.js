/**
 * Looking closer: what a link marked `data-show` leads to is shown in a dialog over the page. The address says what is
 * shown (`?show=trade-12`), so it can be sent to somebody; without JavaScript the link leads to the same as a page.
 */

import { send } from "app/core/api.js";
import { word } from "app/core/words.js";
import { onSubmit } from "app/features/dialogs.js";
import { findPanels } from "app/features/panels.js";

const SHOWN = /^([a-z]+)-([A-Za-z0-9_.:-]{1,100})$/;
const SWIPE = 80;

/** @type {HTMLDialogElement | null} */
let dialog = null;
/** What is shown, as the address names it. */
let shown = "";

/** @param {string} name */
const linkOf = (name) => `/a/${document.body.dataset.account}/show/${name.replace("-", "/")}`;

/** Rows of a list whose rows show something, and single places that do. */
const PLACES = "[data-shows] > [data-row], [data-show-key]";

/** @param {Element} place */
const nameOf = (place) => place.getAttribute("data-show-key") ?? `${place.parentElement?.getAttribute("data-shows")}-${place.getAttribute("data-row")}`;

/** What this page can show, in its order, each thing once. */
const listed = () => [...new Set([...document.querySelectorAll(PLACES)].filter((each) => !each.closest("dialog, [hidden]")).map(nameOf))];

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
    const place = /** @type {Element} */ (event.target);
    if (event.key === "Enter" && place.matches?.(PLACES)) show(nameOf(place));
    if (!dialog?.open || /** @type {Element} */ (event.target).closest("input, textarea, select, [data-room]")) return;
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
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
  else if (wanted !== shown) show(wanted);
}

/** @param {string} name kind and key, as `trade-12` */
export async function show(name) {
  if (!SHOWN.test(name)) return;
  shown = name;
  mark(name);
  const place = room();
  if (!place.open) {
    place.replaceChildren(waiting());
    place.showModal();
  }
  const found = await load(linkOf(name)).catch(() => null);
  if (shown !== name || !place.open) return;
  if (!found) {
    place.replaceChildren(failed());
    return;
  }
  place.replaceChildren(document.adoptNode(found));
  tools(place, name);
  startNotes(place);
  findPanels();
}

/**
 * @param {string} address
 * @returns {Promise<Element>}
 */
function load(address) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.onload = () => {
      const found = request.status === 200 && request.response?.querySelector("[data-show]");
      if (found) resolve(found);
      else reject(new Error(String(request.status)));
    };
    request.onerror = () => reject(new Error("no answer"));
    request.send();
  });
}

function room() {
  if (dialog) return dialog;
  const made = document.createElement("dialog");
  made.className = "show-dialog";
  made.setAttribute("aria-labelledby", "show-title");
  made.addEventListener("click", (event) => event.target === made && made.close());
  made.addEventListener("close", () => {
    shown = "";
    mark(null);
    made.replaceChildren();
    findPanels();
  });
  swipes(made);
  document.body.append(made);
  dialog = made;
  return made;
}

/** A sheet is pulled down to close it. @param {HTMLDialogElement} sheet */
function swipes(sheet) {
  let begun = 0;
  sheet.addEventListener("touchstart", (event) => (begun = sheet.scrollTop ? 0 : event.touches[0].clientY), { passive: true });
  sheet.addEventListener("touchend", (event) => {
    if (begun && event.changedTouches[0].clientY - begun > SWIPE) sheet.close();
  });
}

/** @param {string | null} name */
function mark(name) {
  const address = new URL(location.href);
  if (name) address.searchParams.set("show", name);
  else address.searchParams.delete("show");
  if (address.href !== location.href) history.replaceState(history.state, "", address);
}

/** @param {number} by */
function step(by) {
  const all = listed();
  const next = all[all.indexOf(shown) + by];
  if (next) show(next);
}

/**
 * Which of how many, the one before and after, its address, and the way out.
 * @param {HTMLElement} place
 * @param {string} name
 */
function tools(place, name) {
  const tools = place.querySelector("[data-show-tools]");
  if (!tools) return;
  const all = listed();
  const at = all.indexOf(name);
  const parts = [];
  if (at >= 0 && all.length > 1) {
    parts.push(Object.assign(document.createElement("span"), { className: "hint", textContent: `${at + 1} / ${all.length}` }));
    parts.push(tool("chevron-left", word("show", "previous"), () => step(-1), at === 0));
    parts.push(tool("chevron-right", word("show", "next"), () => step(1), at === all.length - 1));
  }
  parts.push(tool("external-link", word("show", "page"), () => location.assign(linkOf(name))));
  parts.push(tool("x", word("show", "close"), () => dialog?.close()));
  tools.replaceChildren(...parts);
}

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

const waiting = () => Object.assign(document.createElement("p"), { className: "waiting", textContent: word("show", "loading") });

function failed() {
  const place = Object.assign(document.createElement("div"), { className: "waiting", textContent: word("show", "failed") });
  place.append(tool("x", word("show", "close"), () => dialog?.close()));
  return place;
}

/** Notes and tags are people's own: whoever may write saves them here. @param {Element} place */
export function startNotes(place) {
  for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (place.querySelectorAll("form[data-notes]"))) {
    const saved = /** @type {HTMLElement} */ (form.querySelector("[data-saved]"));
    form.addEventListener("input", () => (saved.hidden = true));
    onSubmit(form, async (values) => {
      const tags = String(values.get("user_tags")).split(",").map((tag) => tag.trim()).filter(Boolean);
      await send("PATCH", form.dataset.notes ?? "", { notes: String(values.get("notes")), user_tags: tags });
      saved.hidden = false;
    });
  }
}
