/** How the person sees the pages, in force at once. */

import { send } from "app/core/api.js";
import { choose } from "app/core/theme.js";
import { attempt } from "app/features/dialogs.js";

const PATH = "/api/me/preferences";

export function startPreferences() {
  const form = document.querySelector("[data-preferences]");
  if (!(form instanceof HTMLFormElement)) return;
  const kept = /** @type {HTMLElement} */ (document.querySelector("[data-kept]"));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", (event) => {
    const input = /** @type {HTMLInputElement | HTMLSelectElement} */ (event.target);
    const value = input.type === "checkbox" ? /** @type {HTMLInputElement} */ (input).checked : input.value;
    attempt(async () => {
      await send("PATCH", PATH, { [input.name]: value });
      if (input.name !== "theme") return location.reload(); // everything on the page is written anew
      choose(String(value));
      kept.hidden = false;
    });
  });
  offerZone(form);
}

/** @param {HTMLFormElement} form */
function offerZone(form) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zone = /** @type {HTMLSelectElement} */ (form.elements.namedItem("time_zone"));
  const button = /** @type {HTMLElement} */ (form.querySelector("[data-here]"));
  const known = [...zone.options].some((option) => option.value === here);
  if (!known || zone.value === here) return;
  const name = button.querySelector("span");
  if (name) name.textContent = here.replaceAll("_", " ");
  button.hidden = false;
  button.addEventListener("click", () => {
    zone.value = here;
    zone.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
