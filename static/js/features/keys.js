/** The keys of the account: shown behind the password, made with a token that is shown once, revoked. */

import { address, read, send } from "app/core/api.js";
import { rows } from "app/core/bind.js";
import { ask, attempt, dialog, onSubmit, showOnce } from "app/features/dialogs.js";
import { setting } from "app/features/live.js";
import { confirmed } from "app/features/password.js";

const MANY = 200;

export function startKeys() {
  const body = document.querySelector('[data-rows="keys"]');
  if (!body) return;
  document.querySelector("[data-show-keys]")?.addEventListener("click", () => attempt(() => show(body)));
  body.addEventListener("click", (event) => {
    const row = /** @type {Element} */ (event.target).closest("[data-revoke]")?.closest("[data-row]");
    if (row) attempt(() => revoke(body, row));
  });
  const made = dialog("key");
  const form = /** @type {HTMLFormElement} */ (made.querySelector("form"));
  onSubmit(form, async (values) => {
    const key = await confirmed(() => send("POST", address("keys"), wanted(values)));
    made.close();
    form.reset();
    showOnce("token", key.token);
    await attempt(() => show(body));
  });
}

/** @param {FormData} values */
function wanted(values) {
  return {
    name: values.get("name"),
    scopes: values.getAll("scopes"),
    bot: values.get("bot") || null,
    expires_in_days: Number(values.get("expires_in_days")),
  };
}

/** @param {Element} body */
async function show(body) {
  const found = await confirmed(() => read(`${address("keys")}&limit=${MANY}`));
  const keys = found.keys.map((/** @type {any} */ key) => ({ ...key, uses: key.scopes.join(", ") }));
  rows(body, keys, setting());
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-keys]"))) {
    part.hidden = part.dataset.keys !== (keys.length ? "some" : "none");
  }
}

/**
 * @param {Element} body
 * @param {Element} row
 */
async function revoke(body, row) {
  const name = row.querySelector("[data-bind=name]")?.textContent ?? "";
  if (!(await ask("revoke", name))) return;
  await confirmed(() => send("DELETE", address(`keys/${row.getAttribute("data-row")}`)));
  await show(body);
}
