/** One strategy: its charts and figures follow the account; its switch and limits are told to the server. */

import { setUp } from "app/features/page.js";
import { startEditing, startSwitches } from "app/features/strategies.js";
import { refreshParts } from "app/features/visit.js";

setUp({
  parts: true,
  events(events) {
    if (events.some((event) => event.type === "strategy_update")) refreshParts();
  },
});
startSwitches();
startEditing();
