/** All charts of a page: made once, told of events, asked again when the filters change. */

import { setting } from "app/features/live.js";
import { ChartPanel } from "app/features/panel.js";


/** @type {Map<HTMLElement, ChartPanel>} */
const panels = new Map();
/** What people wrote on any chart. @type {import("app/charts/annotation_marks.js").Annotation[]} */
let notes = [];

/** @param {HTMLElement} element */
export const panelOf = (element) => panels.get(element);

/** @param {import("app/charts/annotation_marks.js").Annotation[]} rows */
export function annotatePanels(rows) {
  notes = rows;
  for (const panel of panels.values()) panel.annotate(notes);
}

/** Make the charts that have appeared, and let go of those that have gone. */
export function findPanels() {
  for (const [element, panel] of panels) {
    if (element.isConnected) continue;
    panel.destroy();
    panels.delete(element);
  }
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".chart-panel[data-kind]"))) {
    if (panels.has(element)) continue;
    const panel = new ChartPanel(element, setting);
    panels.set(element, panel);
    panel.annotate(notes);
    panel.refresh();
  }
}

/** @param {{type: string, d?: any}[]} events */
export function tellPanels(events) {
  for (const panel of panels.values()) panel.hear(events);
}

export function refreshPanels() {
  for (const panel of panels.values()) panel.refresh();
}

/**
 * Have the charts ask what the same charts of another document ask.
 * @param {Document} fresh
 * @param {Element | null} room a closer look, or the page without it
 */
export function sourcesOf(fresh, room) {
  for (const [element, panel] of panels) {
    if (element.closest(".show-dialog") !== room) continue;
    const found = element.id && fresh.getElementById(element.id);
    if (!found) continue;
    panel.become(found);
    panel.annotate(notes);
  }
}
