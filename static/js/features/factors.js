/** The second factors of the person: added with a proof, renamed, removed; recovery codes are shown once. */

import { read, send } from "app/core/api.js";
import { rows } from "app/core/bind.js";
import { word } from "app/core/words.js";
import { Told, ask, attempt, dialog, onSubmit, showOnce } from "app/features/dialogs.js";
import { setting } from "app/features/live.js";
import { canPasskeys, make } from "app/features/passkeys.js";
import { confirmed } from "app/features/password.js";

const KINDS = ["authenticators", "passkeys"];
const body = /** @type {HTMLElement} */ (document.querySelector('[data-rows="factors"]'));

/** @param {() => Promise<void>} changed is called after every change */
export function startFactors(changed) {
  const show = async () => {
    await showFactors();
    await changed();
  };
  startApps(show);
  startPasskeys(show);
  const rename = startRenaming(show);
  body.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    const row = button?.closest("[data-row]");
    if (row && button?.hasAttribute("data-rename")) rename(row);
    if (row && button?.hasAttribute("data-remove-factor")) attempt(() => remove(row, show));
  });
  document.querySelector("[data-new-codes]")?.addEventListener("click", () =>
    attempt(async () => {
      if (!(await ask("new-codes", ""))) return;
      const made = await confirmed(() => send("POST", "/api/me/recovery-codes"));
      showCodes(made.recovery_codes);
      await showFactors();
    }),
  );
}

/** @param {() => Promise<void>} show */
function startApps(show) {
  const asked = dialog("app");
  const form = /** @type {HTMLFormElement} */ (asked.querySelector("form"));
  const drawing = /** @type {Element} */ (asked.querySelector("svg"));
  const path = /** @type {Element} */ (drawing.querySelector("path"));
  document.querySelector("[data-add-app]")?.addEventListener("click", () =>
    attempt(async () => {
      const begun = await confirmed(() => send("POST", "/api/me/authenticators/begin"));
      drawing.setAttribute("viewBox", `0 0 ${begun.qr.size} ${begun.qr.size}`);
      path.setAttribute("d", begun.qr.path);
      showOnce("app", begun.secret.match(/.{1,4}/g).join(" "));
    }),
  );
  asked.addEventListener("close", () => {
    path.setAttribute("d", "");
    form.reset();
  });
  onSubmit(form, async (values) => {
    const proof = { name: values.get("name"), code: values.get("code") };
    const made = await confirmed(() => send("POST", "/api/me/authenticators", proof));
    asked.close();
    showCodes(made.recovery_codes);
    await attempt(show);
  });
}

/** @param {() => Promise<void>} show */
function startPasskeys(show) {
  const button = document.querySelector("[data-add-passkey]");
  if (!(button instanceof HTMLElement) || !canPasskeys) return;
  const asked = dialog("passkey");
  const form = /** @type {HTMLFormElement} */ (asked.querySelector("form"));
  button.hidden = false;
  button.addEventListener("click", () => asked.showModal());
  asked.addEventListener("close", () => form.reset());
  onSubmit(form, async (values) => {
    const { options } = await confirmed(() => send("POST", "/api/me/passkeys/begin"));
    const credential = await make(options).catch(() => {
      throw new Told(word("problem", "passkey"));
    });
    const made = await confirmed(() => send("POST", "/api/me/passkeys", { name: values.get("name"), credential }));
    asked.close();
    showCodes(made.recovery_codes);
    await attempt(show);
  });
}

/**
 * @param {() => Promise<void>} show
 * @returns {(row: Element) => void}
 */
function startRenaming(show) {
  const asked = dialog("rename");
  const form = /** @type {HTMLFormElement} */ (asked.querySelector("form"));
  const input = /** @type {HTMLInputElement} */ (form.querySelector("[name=name]"));
  let path = "";
  onSubmit(form, async (values) => {
    await send("PATCH", path, { name: values.get("name") });
    asked.close();
    await attempt(show);
  });
  return (row) => {
    path = addressOf(row);
    input.value = nameOf(row);
    asked.showModal();
  };
}

/**
 * @param {Element} row
 * @param {() => Promise<void>} show
 */
async function remove(row, show) {
  if (!(await ask("remove-factor", nameOf(row)))) return;
  await confirmed(() => send("DELETE", addressOf(row)));
  await show();
}

/** @param {Element} row */
const addressOf = (row) => `/api/me/${row.getAttribute("data-row")}`;
/** @param {Element} row */
const nameOf = (row) => row.querySelector("[data-bind=name]")?.textContent ?? "";

async function showFactors() {
  const found = await read("/api/me/factors");
  const list = KINDS.flatMap((kind) =>
    found[kind].map((/** @type {any} */ row) => ({ ...row, id: `${kind}/${row.id}`, kind })),
  );
  rows(body, list, setting());
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-factors]"))) {
    part.hidden = part.dataset.factors !== (list.length ? "some" : "none");
  }
  const left = document.querySelector("[data-recovery]");
  if (left) left.textContent = String(found.recovery_codes);
}

/** @param {string[]} codes */
function showCodes(codes) {
  if (codes.length) showOnce("codes", codes.join("\n"));
}
