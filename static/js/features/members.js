/** The people of the account: their roles, and the links that invite others. */

import { address, read, send } from "app/core/api.js";
import { rows } from "app/core/bind.js";
import { ask, attempt, dialog, onSubmit, showOnce } from "app/features/dialogs.js";
import { facts, setting } from "app/features/live.js";
import { confirmed } from "app/features/password.js";

const MANY = 200;
const members = /** @type {HTMLElement} */ (document.querySelector('[data-rows="members"]'));
const invitations = /** @type {HTMLElement | null} */ (document.querySelector('[data-rows="invitations"]'));

export function startMembers() {
  members.addEventListener("change", (event) => {
    const choice = /** @type {HTMLSelectElement} */ (event.target);
    attempt(() => changeRole(rowOf(choice), choice.value));
  });
  members.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    if (button?.hasAttribute("data-leave")) attempt(() => leave(rowOf(button)));
    if (button?.hasAttribute("data-remove")) attempt(() => remove(rowOf(button)));
    if (button?.hasAttribute("data-reset")) attempt(() => reset(rowOf(button)));
  });
  invitations?.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("[data-take-back]");
    if (button) attempt(() => takeBack(rowOf(button)));
  });
  if (invitations) startInviting();
}

function startInviting() {
  const invite = dialog("invite");
  const form = /** @type {HTMLFormElement} */ (invite.querySelector("form"));
  onSubmit(form, async (values) => {
    const made = await confirmed(() => send("POST", address("invitations"), { role: values.get("role") }));
    invite.close();
    form.reset();
    showOnce("link", made.link);
    await attempt(showInvitations);
  });
}

/** @param {Element} inside */
const rowOf = (inside) => /** @type {Element} */ (inside.closest("[data-row]"));
/** @param {Element} row */
const nameOf = (row) => row.querySelector("[data-bind=name]")?.textContent ?? "";
/** @param {Element} row */
const memberAddress = (row) => address(`members/${row.getAttribute("data-row")}`);

/**
 * @param {Element} row
 * @param {string} role
 */
async function changeRole(row, role) {
  try {
    await confirmed(() => send("PATCH", memberAddress(row), { role }));
  } finally {
    await showMembers(); // what was refused or cancelled is shown as it still is
  }
  if (nameOf(row) === facts.person) location.reload();
}

/** @param {Element} row */
async function remove(row) {
  if (!(await ask("remove", nameOf(row)))) return;
  await send("DELETE", memberAddress(row));
  await showMembers();
}

/** @param {Element} row */
async function reset(row) {
  if (!(await ask("reset", nameOf(row)))) return;
  const path = address(`members/${row.getAttribute("data-row")}/password-link`);
  const made = await confirmed(() => send("POST", path));
  showOnce("password-link", made.link);
}

/** @param {Element} row */
async function leave(row) {
  if (!(await ask("leave", ""))) return;
  await send("DELETE", memberAddress(row));
  location.assign("/");
}

/** @param {Element} row */
async function takeBack(row) {
  await send("DELETE", address(`invitations/${row.getAttribute("data-row")}`));
  await showInvitations();
}

async function showMembers() {
  const found = await read(`${address("members")}&limit=${MANY}`);
  rows(members, found.members, setting());
  for (const member of found.members) {
    const choice = members.querySelector(`[data-row="${member.id}"] [data-role]`);
    if (choice instanceof HTMLSelectElement) choice.value = member.role;
  }
}

async function showInvitations() {
  if (!invitations) return;
  const found = await read(`${address("invitations")}&limit=${MANY}`);
  rows(invitations, found.invitations, setting());
  invitations.closest("[data-invitations]")?.toggleAttribute("hidden", found.invitations.length === 0);
}
