/**
 * Menus are `<details>`: one open at a time, walked through by the arrow keys, closed by Escape or a click elsewhere. The
 * theme menu chooses a theme.
 */

import { send } from "app/core/api.js";
import { choose, chosen, onTheme } from "app/core/theme.js";

export function startMenus() {
  const open = () => document.querySelectorAll("details.menu-host[open]");
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(/** @type {Node} */ (event.target))) menu.removeAttribute("open");
  });
  document.addEventListener("keydown", walk);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.removeAttribute("open");
      menu.querySelector("summary")?.focus();
    }
  });
  startThemes();
}

/** @param {KeyboardEvent} event */
function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const target = /** @type {Element} */ (event.target);
  const host = /** @type {HTMLDetailsElement | null} */ (target.closest("details.menu-host"));
  if (!step || !host || target.closest(".picker") || target.matches("input, select, textarea")) return;
  event.preventDefault();
  host.open = true;
  const items = /** @type {HTMLElement[]} */ ([...host.querySelectorAll(".menu :is(a[href], button, input)")]).filter((item) => item.checkVisibility());
  const at = items.indexOf(/** @type {HTMLElement} */ (target));
  items.at(at < 0 && step < 0 ? -1 : (at + step) % items.length)?.focus();
}

function startThemes() {
  const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-themes] button"));
  const mark = () => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.value === chosen()));
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      choose(button.value);
      send("PATCH", "/api/me/preferences", { theme: button.value }).catch(() => {}); // this browser has it anyway
      button.closest("details")?.removeAttribute("open");
    });
  }
  onTheme(mark);
  mark();
}
