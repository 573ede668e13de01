/** A key made where it is needed: shown once, put into the snippets, and waited for until its bot is heard. */

import { address, send } from "app/core/api.js";
import { onSubmit } from "app/features/dialogs.js";
import { now } from "app/features/live.js";
import { confirmed } from "app/features/password.js";

/** Who is waited for since when. @type {{bot: string, since: number} | null} */
let awaited = null;

export function startNewKey() {
  const form = document.querySelector("[data-new-key]");
  if (!(form instanceof HTMLFormElement)) return;
  const name = /** @type {HTMLInputElement} */ (form.elements.namedItem("bot"));
  const show = () => fillIn("[data-bot]", name.value.trim() || name.defaultValue);
  name.addEventListener("input", show);
  show();
  onSubmit(form, async () => {
    const bot = name.value.trim();
    const key = await confirmed(() => send("POST", address("keys"), { name: bot, scopes: ["ingest"] }));
    fillIn("[data-key]", key.token);
    const made = /** @type {HTMLElement} */ (document.querySelector("[data-made]"));
    made.hidden = false;
    form.hidden = true;
    form.closest("li")?.classList.add("done");
    /** @type {HTMLElement | null} */ (made.querySelector("[data-copy]:not([hidden])"))?.focus();
    awaited = { bot, since: now().getTime() };
  });
}

/**
 * @param {string} selector
 * @param {string} text
 */
function fillIn(selector, text) {
  for (const place of document.querySelectorAll(selector)) place.textContent = text;
}

/**
 * After a key was made, the last step is about its bot, whoever else is alive.
 * @param {{bots: any[]}} scope
 */
export function showAwaited({ bots }) {
  if (!awaited) return;
  const { bot, since } = awaited;
  const heard = bots.some((each) => each.name === bot && Date.parse(each.last_seen ?? 0) >= since);
  for (const step of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-step=wait], [data-step=done]"))) {
    step.hidden = (step.dataset.step === "done") !== heard;
  }
}
