/** Market: candles that go on as they are reported, and the figures beside them. */

import { startCopying } from "app/features/copy.js";
import { setUp } from "app/features/page.js";
import { startPicker } from "app/features/picker.js";
import { refreshParts } from "app/features/visit.js";

setUp({
  parts: true,
  tick(kind) {
    if (kind === "candle") refreshParts();
  },
});
startPicker();
startCopying();
