/** What every page of an account does: binding, charts, filters without loading anew, parts that follow the figures. */

import { forgetAnnotations, hearAnnotations, showAnnotations, startAnnotations } from "app/features/annotations.js";
import { startBrush } from "app/features/brush.js";
import { startDialogs } from "app/features/dialogs.js";
import { startPage } from "app/features/live.js";
import { findPanels, refreshPanels, tellPanels } from "app/features/panels.js";
import { startPalette } from "app/features/palette.js";
import { startPresets } from "app/features/presets.js";
import { startPrivacy } from "app/features/privacy.js";
import { startShow } from "app/features/show.js";
import { refreshParts, startVisits } from "app/features/visit.js";

/**
 * @param {import("app/features/live.js").Page & {parts?: boolean}} page what this page does besides; `parts` are to
 *   follow the figures
 */
export function setUp(page = {}) {
  startDialogs();
  startVisits();
  startBrush();
  startAnnotations();
  startPage({
    paint(scope) {
      showAnnotations(scope);
      page.paint?.(scope);
    },
    events(events) {
      tellPanels(events);
      hearAnnotations(events);
      page.events?.(events);
    },
    tick(kind) {
      tellPanels([{ type: kind }]);
      page.tick?.(kind);
    },
    figures() {
      if (page.parts) refreshParts();
      page.figures?.();
    },
    reset() {
      forgetAnnotations();
      refreshPanels();
      if (page.parts) refreshParts();
      page.reset?.();
    },
  });
  findPanels();
  startShow();
  startPalette();
  startPrivacy();
  startPresets();
}
