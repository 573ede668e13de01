/** Settings: keys, members and what the account is called. */

import { send } from "app/core/api.js";
import { startCopying } from "app/features/copy.js";
import { onSubmit, startDialogs } from "app/features/dialogs.js";
import { startKeys } from "app/features/keys.js";
import { facts, startPage } from "app/features/live.js";
import { startMembers } from "app/features/members.js";
import { startPassword } from "app/features/password.js";

const form = document.querySelector("[data-account-form]");
if (form instanceof HTMLFormElement) {
  const saved = /** @type {HTMLElement} */ (form.querySelector("[data-saved]"));
  form.addEventListener("input", () => (saved.hidden = true));
  onSubmit(form, async (values) => {
    await send("PATCH", `/api/accounts/${facts.account}`, {
      name: values.get("name"),
      exchange: values.get("exchange"),
      currency: values.get("currency"),
      initial_capital: values.get("initial_capital") || null,
      periods_per_year: Number(values.get("periods_per_year")),
    });
    saved.hidden = false;
  });
}

startDialogs();
startPassword();
startKeys();
startMembers();
startCopying();
startPage();
