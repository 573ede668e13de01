/** What a person does with a page of an account. It comes after the first view, and finds again what was clicked by then. */

import { forgetAnnotations, hearAnnotations, showAnnotations, startAnnotations } from "app/features/annotations.js";
import { startAlerts } from "app/features/alerts.js";
import { startBrush } from "app/features/brush.js";
import { startDialogs } from "app/features/dialogs.js";
import { startMenus } from "app/features/menus.js";
import { startNotices } from "app/features/notices.js";
import { startPalette } from "app/features/palette.js";
import { startPresets } from "app/features/presets.js";
import { startPrivacy } from "app/features/privacy.js";
import { hearShow, startShow } from "app/features/show.js";

export { forgetAnnotations, showAnnotations };

export function startLater() {
  startMenus();
  startDialogs();
  startBrush();
  startAlerts();
  startAnnotations();
  startShow();
  startPalette();
  startPrivacy();
  startNotices();
  startPresets();
}

/** @param {{type: string, d?: any}[]} events */
export function hear(events) {
  hearAnnotations(events);
  hearShow(events);
}
