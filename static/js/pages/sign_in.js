/** Signing in with a passkey: in the place of the password, or after it. */

import { ask, canPasskeys } from "app/features/passkeys.js";

const place = document.querySelector("[data-passkey]");
if (place instanceof HTMLElement && canPasskeys) {
  const button = /** @type {HTMLButtonElement} */ (place.querySelector("button"));
  const problem = /** @type {HTMLElement} */ (place.querySelector("[role=alert]"));
  place.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    problem.hidden = true;
    try {
      location.assign(await ask(place.dataset.options ?? "", place.dataset.finish ?? ""));
    } catch (error) {
      // The person closed the browser's own dialog: it has said all there is to say.
      problem.hidden = error instanceof DOMException;
      problem.textContent = error instanceof Error ? error.message : "";
    } finally {
      button.disabled = false;
    }
  });
}
