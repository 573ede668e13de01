/** Alerts are acknowledged and resolved where they stand: by a click, or with the row in focus by A and R. */

import { address, send } from "app/core/api.js";
import { fill } from "app/core/bind.js";
import { attempt } from "app/features/dialogs.js";
import { setting } from "app/features/live.js";

/** @type {Record<string, string>} */
const KEYS = { a: "acknowledge", r: "resolve" };

/** @param {Element} row */
const acts = (row) => /** @type {HTMLButtonElement[]} */ ([...row.querySelectorAll("[data-alert-act]:not([hidden])")]);

/**
 * The row above or below in which something can be done.
 * @param {Element} row
 * @param {"previousElementSibling" | "nextElementSibling"} side
 */
function neighbour(row, side) {
  let found = row[side];
  while (found && (!found.hasAttribute("data-row") || !acts(found).length)) found = found[side];
  return found;
}

export function startAlerts() {
  document.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("[data-alert-act]");
    if (button instanceof HTMLButtonElement) act(button);
  });
  document.addEventListener("keydown", (event) => {
    const row = /** @type {Element} */ (event.target).closest("[data-alert-keys] > [data-row]");
    if (!row || event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
    const wanted = acts(row).find((button) => button.dataset.alertAct === KEYS[event.key.toLowerCase()]);
    const next = event.key === "ArrowDown" ? neighbour(row, "nextElementSibling") : event.key === "ArrowUp" ? neighbour(row, "previousElementSibling") : null;
    if (!wanted && !next) return;
    event.preventDefault();
    if (wanted) act(wanted);
    else if (next) acts(next)[0].focus();
  });
}

/** @param {HTMLButtonElement} button */
async function act(button) {
  const row = button.closest("[data-row]");
  if (!row) return;
  button.disabled = true;
  await attempt(async () => {
    const alert = await send("POST", address(`alerts/${row.getAttribute("data-row")}/${button.dataset.alertAct}`));
    if (alert === null) return; // it waits for the connection
    // Whoever works through the list by keyboard goes on with what is left to do.
    const after = neighbour(row, "nextElementSibling") ?? neighbour(row, "previousElementSibling");
    fill(row, alert, setting(), true);
    const left = acts(row).filter((each) => each !== button);
    (left[0] ?? (after && acts(after)[0]))?.focus();
  });
  button.disabled = false;
}
