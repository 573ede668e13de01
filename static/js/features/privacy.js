/** Money hidden from whoever looks over a shoulder: kept for the person, so that every screen and reload hides it. */

import { send } from "app/core/api.js";

export function startPrivacy() {
  const button = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-privacy]"));
  button?.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await send("PATCH", "/api/me/preferences", { privacy: button.getAttribute("aria-pressed") !== "true" });
      location.reload();
    } catch {
      button.disabled = false;
    }
  });
}
