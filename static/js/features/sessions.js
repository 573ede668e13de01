/** Where the person is signed in: one signed out, or all but this one. */

import { read, send } from "app/core/api.js";
import { rows } from "app/core/bind.js";
import { ask, attempt } from "app/features/dialogs.js";
import { setting } from "app/features/live.js";

const body = /** @type {HTMLElement} */ (document.querySelector('[data-rows="sessions"]'));
const others = /** @type {HTMLElement} */ (document.querySelector("[data-end-others]"));

export function startSessions() {
  body.addEventListener("click", (event) => {
    const row = /** @type {Element} */ (event.target).closest("[data-end]")?.closest("[data-row]");
    if (row) attempt(() => end(row));
  });
  others.addEventListener("click", () =>
    attempt(async () => {
      if (!(await ask("end-others", ""))) return;
      await send("DELETE", "/api/me/sessions");
      await showSessions();
    }),
  );
}

/** @param {Element} row */
async function end(row) {
  await send("DELETE", `/api/me/sessions/${row.getAttribute("data-row")}`);
  await showSessions();
}

export async function showSessions() {
  const { sessions } = await read("/api/me/sessions");
  rows(body, sessions, setting());
  others.hidden = sessions.length < 2;
}
