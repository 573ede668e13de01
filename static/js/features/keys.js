/** The keys of the account: shown behind the password, made with a token that is shown once, revoked. */

import { address, read, send } from "app/core/api.js";
import { rows } from "app/core/bind.js";
import { ask, attempt, dialog, onSubmit, showOnce } from "app/features/dialogs.js";
import { setting } from "app/features/live.js";
import { confirmed } from "app/features/password.js";

const MANY = 200;
const SOON = 14 * 24 * 3600 * 1000;

export function startKeys() {
  const body = document.querySelector('[data-rows="keys"]');
  if (!body) return;
  const made = dialog("key");
  const form = /** @type {HTMLFormElement} */ (made.querySelector("form"));
  document.querySelector("[data-show-keys]")?.addEventListener("click", () => attempt(() => show(body)));
  body.addEventListener("click", (event) => {
    const row = /** @type {Element} */ (event.target).closest("[data-revoke]")?.closest("[data-row]");
    if (row) attempt(() => revoke(body, row));
    const old = /** @type {Element} */ (event.target).closest("[data-replace]")?.closest("[data-row]");
    if (old) replace(form, old);
  });
  made.addEventListener("close", () => begin(form));
  onSubmit(form, async (values) => {
    const key = await confirmed(() => send("POST", address("keys"), wanted(values)));
    made.close();
    showOnce("token", key.token);
    await attempt(() => show(body));
  });
}

/** A blank form for a new key. @param {HTMLFormElement} form */
function begin(form) {
  form.reset();
  /** @type {HTMLElement} */ (form.querySelector("[data-replaces]")).hidden = true;
}

/**
 * A form for a key that may do what this one may.
 * @param {HTMLFormElement} form
 * @param {Element} row
 */
function replace(form, row) {
  const text = (/** @type {string} */ name) => row.querySelector(`[data-bind=${name}]`)?.textContent ?? "";
  const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  const scopes = list(text("uses"));
  for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("[name=scopes]"))) {
    box.checked = scopes.includes(box.value);
  }
  field("name").value = text("name");
  field("bot").value = text("bot");
  field("networks").value = text("networks_text");
  /** @type {HTMLElement} */ (form.querySelector("[data-replaces]")).hidden = false;
  dialog("key").showModal();
}

/** The parts of a text that commas divide. @param {FormDataEntryValue | null} text */
const list = (text) => String(text ?? "").split(/[\s,]+/).filter(Boolean);

/** @param {FormData} values */
function wanted(values) {
  return {
    name: values.get("name"),
    scopes: values.getAll("scopes"),
    bot: values.get("bot") || null,
    networks: list(values.get("networks")),
    expires_in_days: Number(values.get("expires_in_days")),
  };
}

/** A key with what is read off it; `keys_of` in `dashboard/settings_page.py` does the same. @param {any} key */
function shown(key) {
  const left = Date.parse(key.expires_at) - Date.now();
  const ended = left <= 0;
  return { ...key, uses: key.scopes.join(", "), networks_text: key.networks.join(", "), ended, ending: !ended && left < SOON };
}

/** @param {Element} body */
async function show(body) {
  const found = await confirmed(() => read(`${address("keys")}&limit=${MANY}`));
  const keys = found.keys.map(shown);
  rows(body, keys, setting());
  const ending = document.querySelector("[data-ending]");
  ending?.toggleAttribute("hidden", !keys.some((/** @type {any} */ key) => key.ending));
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
