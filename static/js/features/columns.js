/** Which columns a table has: chosen from a menu, kept for the person on every device. */

import { ApiError, send } from "app/core/api.js";
import { word } from "app/core/words.js";
import { toast } from "app/features/toasts.js";
import { visit } from "app/features/visit.js";

export function startColumns() {
  const host = /** @type {HTMLElement | null} */ (document.querySelector("[data-columns]"));
  if (!host) return;
  const page = host.dataset.columns ?? "";
  const boxes = /** @type {NodeListOf<HTMLInputElement>} */ (host.querySelectorAll("input"));
  const usual = [...boxes].map((box) => box.hasAttribute("data-usual-column"));
  host.addEventListener("change", () => keep(page, [...boxes].filter((box) => box.checked).map((box) => box.value)));
  host.querySelector("[data-usual]")?.addEventListener("click", () => {
    boxes.forEach((box, index) => (box.checked = usual[index]));
    keep(page, null);
  });
}

/**
 * @param {string} page
 * @param {string[] | null} columns null are the usual ones
 */
async function keep(page, columns) {
  try {
    await send("PATCH", "/api/me/preferences", { columns: { [page]: columns } });
  } catch (error) {
    toast(word("told", "not_done"), { detail: error instanceof ApiError ? error.message : word("problem", "network"), warning: true });
    return;
  }
  visit(location.href, { push: false });
}
