/** What is behind the password: asked for when the API says that it has not been given lately. */

import { ApiError, send } from "app/core/api.js";
import { Cancelled, dialog, onSubmit } from "app/features/dialogs.js";

export function startPassword() {
  const asked = dialog("password");
  const form = asked.querySelector("form:has([name=password])");
  if (!(form instanceof HTMLFormElement)) return;
  onSubmit(form, async (values) => {
    await send("POST", "/api/session/confirm", { password: values.get("password") });
    asked.close("yes");
  });
  asked.addEventListener("close", () => form.reset());
}

/**
 * The result of `work`, once the password was given if need be. Throws Cancelled when the person does not.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function confirmed(work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "password_needed") throw error;
    if (!(await given())) throw new Cancelled();
    return work();
  }
}

/** @returns {Promise<boolean>} */
function given() {
  const asked = dialog("password");
  asked.returnValue = "";
  asked.showModal();
  return new Promise((resolve) => {
    asked.addEventListener("close", () => resolve(asked.returnValue === "yes"), { once: true });
  });
}
