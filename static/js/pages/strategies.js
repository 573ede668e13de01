/** Strategies: which stand beside each other is in the address; switches and limits are told to the server. */

import { setUp } from "app/features/page.js";
import { startEditing, startSwitches } from "app/features/strategies.js";
import { asked, changed, refreshParts, visit } from "app/features/visit.js";

document.addEventListener("change", (event) => {
  if (!(event.target instanceof HTMLInputElement) || !event.target.dataset.compare) return;
  const wanted = new Set((asked().get("compare") ?? "").split(",").filter(Boolean));
  for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("[data-compare]"))) {
    wanted[box.checked ? "add" : "delete"](box.dataset.compare ?? "");
  }
  visit(changed((parameters) => (wanted.size ? parameters.set("compare", [...wanted].join(",")) : parameters.delete("compare"))));
});

setUp({
  parts: true,
  events(events) {
    if (events.some((event) => event.type === "strategy_update")) refreshParts();
  },
});
startSwitches();
startEditing();
