/** Notes and tags of a trade are people's own: whoever may write saves them where it is looked at closer. */

import { send } from "app/core/api.js";
import { onSubmit } from "app/features/dialogs.js";

/** @param {Element} place */
export function startNotes(place) {
  for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (place.querySelectorAll("form[data-notes]"))) {
    const saved = /** @type {HTMLElement} */ (form.querySelector("[data-saved]"));
    form.addEventListener("input", () => (saved.hidden = true));
    onSubmit(form, async (values) => {
      const tags = String(values.get("user_tags")).split(",").map((tag) => tag.trim()).filter(Boolean);
      const row = await send("PATCH", form.dataset.notes ?? "", { notes: String(values.get("notes")), user_tags: tags });
      saved.hidden = row === null; // it waits for the connection
    });
  }
}
