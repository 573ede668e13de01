/** What operators do with strategies: switch them, and set their limits and parameters in a dialog. */

import { address, send } from "app/core/api.js";
import { word } from "app/core/words.js";
import { attempt, onSubmit, Told } from "app/features/dialogs.js";
import { asked, changed, onVisit, refreshParts } from "app/features/visit.js";

const FIELDS = ["allocated_capital", "max_position_size", "max_daily_loss", "max_drawdown"];

/** @param {string} id */
const strategyAddress = (id) => address(`strategies/${id}`);

/** Switches may appear with any part of the page, so clicks are heard above them. */
export function startSwitches() {
  document.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("[data-switch]");
    if (button instanceof HTMLButtonElement) attempt(() => turn(button));
  });
}

/** @param {HTMLButtonElement} button */
async function turn(button) {
  button.disabled = true;
  try {
    await send("PATCH", strategyAddress(button.dataset.switch ?? ""), { enabled: button.getAttribute("aria-checked") !== "true" });
  } finally {
    button.disabled = false;
  }
  await refreshParts();
}

/** The dialog of a strategy is there when the address asks for it, and goes out of the address when it is closed. */
export function startEditing() {
  onVisit(open);
  open();
}

function open() {
  const found = document.querySelector('[data-dialog="strategy"]');
  if (!(found instanceof HTMLDialogElement) || found.open || !asked().has("edit")) return;
  const form = /** @type {HTMLFormElement} */ (found.querySelector("form"));
  onSubmit(form, async () => {
    const body = changes(form);
    if (body !== "{}") await send("PATCH", strategyAddress(found.dataset.strategy ?? ""), body);
    found.close();
  });
  found.addEventListener("close", () => {
    history.replaceState(null, "", changed((parameters) => parameters.delete("edit")));
    found.closest("[data-part]")?.removeAttribute("data-key"); // so that the next one is a new one
    document.getElementById(`edit-${found.dataset.strategy}`)?.focus();
    refreshParts();
  });
  found.showModal();
}

/**
 * The fields that differ from what the server printed, as JSON text: its numbers keep every digit.
 * @param {HTMLFormElement} form
 */
function changes(form) {
  const field = (/** @type {string} */ name) => /** @type {HTMLInputElement | HTMLTextAreaElement} */ (form.elements.namedItem(name));
  const changed = (/** @type {string} */ name) => field(name).value !== field(name).defaultValue;
  const parts = FIELDS.filter(changed).map((name) => `"${name}":${JSON.stringify(field(name).value || null)}`);
  if (changed("description")) parts.push(`"description":${JSON.stringify(field("description").value)}`);
  if (changed("parameters")) parts.push(`"parameters":${checked(field("parameters").value.trim() || "{}")}`);
  return `{${parts.join(",")}}`;
}

/** @param {string} text */
function checked(text) {
  try {
    JSON.parse(text);
  } catch {
    throw new Told(word("problem", "json"));
  }
  return text;
}
