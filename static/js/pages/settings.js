/** Settings: keys, members and what the account is called; the person's own looks, password and sign-in. */

import { send } from "app/core/api.js";
import { startCopying } from "app/features/copy.js";
import { startDevice } from "app/features/device.js";
import { onSubmit } from "app/features/dialogs.js";
import { startKeys } from "app/features/keys.js";
import { facts } from "app/features/live.js";
import { setUp } from "app/features/page.js";
import { startMembers } from "app/features/members.js";
import { startFactors } from "app/features/factors.js";
import { confirmed, startPassword } from "app/features/password.js";
import { startPushes } from "app/features/pushes.js";
import { startPreferences } from "app/features/preferences.js";
import { showSessions, startSessions } from "app/features/sessions.js";

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

const own = document.querySelector("[data-password-form]");
if (own instanceof HTMLFormElement) {
  const saved = /** @type {HTMLElement} */ (own.querySelector("[data-saved]"));
  own.addEventListener("input", () => (saved.hidden = true));
  onSubmit(own, async (values) => {
    await send("POST", "/api/me/password", {
      old_password: values.get("old_password"),
      new_password: values.get("new_password"),
    });
    own.reset();
    saved.hidden = false;
    await showSessions();
  });
}

const removal = document.querySelector("[data-removal]");
if (removal instanceof HTMLFormElement) {
  onSubmit(removal, async (values) => {
    await confirmed(() => send("DELETE", `/api/accounts/${facts.account}`, { name: values.get("name") }));
    location.assign("/");
  });
}

startDevice();
startPushes();
startPassword();
startKeys();
startMembers();
startPreferences();
startFactors(showSessions);
startSessions();
startCopying();
setUp();
