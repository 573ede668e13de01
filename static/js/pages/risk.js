/** Risk: charts, and figures that follow the account. */

import { setUp } from "app/features/page.js";
import { refreshParts } from "app/features/visit.js";

setUp({
  parts: true,
  events(events) {
    if (events.some((event) => event.type === "strategy_update")) refreshParts();
  },
});
