/** Signing in with a passkey: in the place of the password, or after it. The worker is registered before anybody is in. */

import { ask, canPasskeys } from "app/features/passkeys.js";

addEventListener("load", () => setTimeout(() => import("app/features/worker.js").then(({ startWorker }) => startWorker())));

const place = document.querySelector("[data-passkey]");
if (place instanceof HTMLElement && canPasskeys) {
  const button = /** @type {HTMLButtonElement} */ (place.querySelector("button"));
  const problem = /** @type {HTMLElement} */ (place.querySelector("[role=alert]"));
  place.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    problem.hidden = true;
    try {
      const own = /** @type {HTMLInputElement | null} */ (document.querySelector("[name=own_device]"));
      const finish = new URL(place.dataset.finish ?? "", location.href);
      if (own?.checked) finish.searchParams.set("own_device", "1");
      location.assign(await ask(place.dataset.options ?? "", finish.href));
    } catch (error) {
      // The person closed the browser's own dialog: it has said all there is to say.
      problem.hidden = error instanceof DOMException;
      problem.textContent = error instanceof Error ? error.message : "";
    } finally {
      button.disabled = false;
    }
  });
}
