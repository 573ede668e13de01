/** Filters kept under a name: chosen, saved and forgotten from the page bar. They are the person's own, on every device. */

import { address, ApiError, read, send } from "app/core/api.js";
import { filtersOf } from "app/features/remember.js";
import { toast } from "app/features/toasts.js";
import { visit } from "app/features/visit.js";
import { word } from "app/core/words.js";

/** @typedef {{id: number, name: string, filters: Record<string, string[]>}} Preset */

export function startPresets() {
  const host = /** @type {HTMLDetailsElement | null} */ (document.querySelector("[data-presets]"));
  if (!host) return;
  const page = host.dataset.presets ?? "";
  const form = /** @type {HTMLFormElement} */ (host.querySelector("form"));
  host.addEventListener("toggle", () => host.open && fillList(host, page));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = String(new FormData(form).get("name")).trim();
    if (!name) return;
    await tried(() => send("POST", address("presets"), { page, name, filters: filtersOf(location.search) }));
    form.reset();
    await fillList(host, page);
  });
}

/** @param {Record<string, string | string[]>} filters */
export function searchOf(filters) {
  const found = new URLSearchParams();
  for (const [name, values] of Object.entries(filters)) for (const value of [values].flat()) found.append(name, value);
  return `?${found}`;
}

/**
 * @param {HTMLElement} host
 * @param {string} page
 */
async function fillList(host, page) {
  const list = /** @type {Element} */ (host.querySelector("ul"));
  const found = await tried(() => read(`${address("presets")}&page=${page}`, { fresh: true }));
  if (!found) return;
  host.querySelector("[data-none]")?.toggleAttribute("hidden", found.presets.length > 0);
  list.replaceChildren(...found.presets.map((/** @type {Preset} */ preset) => rowOf(preset, host, page)));
}

/**
 * @param {Preset} preset
 * @param {HTMLElement} host
 * @param {string} page
 */
function rowOf(preset, host, page) {
  const row = document.createElement("li");
  row.className = "preset";
  const link = Object.assign(document.createElement("a"), { href: searchOf(preset.filters), textContent: preset.name });
  link.addEventListener("click", (event) => {
    event.preventDefault();
    host.removeAttribute("open");
    visit(link.href);
  });
  const gone = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
  gone.setAttribute("aria-label", `${word("preset", "forget")} ${preset.name}`);
  gone.addEventListener("click", async () => {
    await tried(() => send("DELETE", address(`presets/${preset.id}`)));
    const again = { page, name: preset.name, filters: preset.filters };
    toast(`${word("preset", "forgotten")} ${preset.name}`, {
      action: { title: word("told", "undo"), run: () => { tried(() => send("POST", address("presets"), again)).then(() => fillList(host, page)); } },
    });
    await fillList(host, page);
  });
  row.append(link, gone);
  return row;
}

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T | null>}
 */
async function tried(work) {
  try {
    return await work();
  } catch (error) {
    const detail = error instanceof ApiError ? Object.values(error.fields).flat().join(" ") || error.message : word("problem", "network");
    toast(word("preset", "failed"), { detail, warning: true });
    return null;
  }
}
