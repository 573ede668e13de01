/** Dialogs and forms: opened by name, closed by Escape, Cancel or a click beside them; a form says what was refused. */

import { ApiError } from "app/core/api.js";
import { word } from "app/core/words.js";

/** The person closed a dialog that the work needed. */
export class Cancelled extends Error {}

/** What went wrong, in words for the person. */
export class Told extends Error {}

/** @param {string} name */
export function dialog(name) {
  const found = document.querySelector(`[data-dialog="${name}"]`);
  if (!(found instanceof HTMLDialogElement)) throw new Error(`no dialog ${name}`);
  return found;
}

/** Heard above them all, for dialogs and buttons that come later. */
export function startDialogs() {
  document.addEventListener("click", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const [inside, opener] = [target.closest("dialog"), /** @type {HTMLElement | null} */ (target.closest("[data-open]"))];
    if (inside && (target === inside || target.closest("[data-cancel]"))) inside.close("");
    if (opener) dialog(opener.dataset.open ?? "").showModal();
  });
}

/**
 * Whether the person says yes.
 * @param {string} name
 * @param {string} what is concerned
 * @returns {Promise<boolean>}
 */
export function ask(name, what) {
  const asked = dialog(name);
  const subject = asked.querySelector("[data-what]");
  if (subject) subject.textContent = what;
  asked.returnValue = "";
  asked.showModal();
  return new Promise((resolve) => {
    asked.addEventListener("close", () => resolve(asked.returnValue === "yes"), { once: true });
  });
}

/**
 * Show a secret until the dialog is closed; then it is nowhere on the page.
 * @param {string} name
 * @param {string} secret
 */
export function showOnce(name, secret) {
  const shown = dialog(name);
  const place = /** @type {Element} */ (shown.querySelector("[data-secret]"));
  place.textContent = secret;
  shown.addEventListener("close", () => (place.textContent = ""), { once: true });
  shown.showModal();
}

/**
 * Do `work` with the form's values instead of sending it; what is refused is told in the form.
 * @param {HTMLFormElement} form
 * @param {(values: FormData) => Promise<void>} work
 */
export function onSubmit(form, work) {
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("[type=submit]"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    tell(form, null);
    try {
      await work(new FormData(form));
    } catch (error) {
      tell(form, error);
    } finally {
      button.disabled = false;
    }
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {unknown} error null takes back what was told
 */
function tell(form, error) {
  const place = /** @type {HTMLElement} */ (form.querySelector("[data-problem]"));
  const refused = error instanceof ApiError ? error.fields : {};
  for (const input of form.querySelectorAll("[name]")) {
    input.toggleAttribute("aria-invalid", (input.getAttribute("name") ?? "") in refused);
  }
  place.hidden = error === null || error instanceof Cancelled;
  place.textContent = place.hidden ? "" : explain(error);
}

/**
 * Tell what went wrong with work that has no form.
 * @param {() => Promise<void>} work
 */
export async function attempt(work) {
  try {
    await work();
  } catch (error) {
    if (error instanceof Cancelled) return;
    const told = dialog("problem");
    const place = told.querySelector("[data-problem]");
    if (place) place.textContent = explain(error);
    told.showModal();
  }
}

/** What went wrong, in words. @param {unknown} error */
export function explain(error) {
  if (error instanceof Told) return error.message;
  if (!(error instanceof ApiError)) return word("problem", "network");
  if (error.status === 401 || error.code === "csrf_failed") return word("problem", "session");
  return Object.values(error.fields).flat().join(" ") || error.message;
}
