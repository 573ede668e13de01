/** What every page of an account does: binding, charts, filters without loading anew, parts that follow the figures. */

import { holdClicks } from "app/features/early.js";
import { startPage } from "app/features/live.js";
import { findPanels, refreshPanels, tellPanels } from "app/features/panels.js";
import { refreshParts, startVisits } from "app/features/visit.js";

/** @typedef {import("app/features/live.js").Page & {parts?: boolean}} Page `parts` are to follow the figures */

/** @type {typeof import("app/features/later.js") | null} */
let later = null;
/** What is to be heard until that is there. @type {import("app/core/stream.js").StreamEvent[] | null} */
let missed = [];
/** @type {import("app/features/live.js").Scope | null} */
let painted = null;

/** @param {Page} page what this page does besides */
export function setUp(page = {}) {
  const release = holdClicks();
  startVisits();
  startPage({
    paint(scope) {
      painted = scope;
      later?.showAnnotations(scope);
      page.paint?.(scope);
    },
    events(events) {
      tellPanels(events);
      later?.hear(events);
      missed?.push(...events);
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
      later?.forgetAnnotations();
      refreshPanels();
      if (page.parts) refreshParts();
      page.reset?.();
    },
  });
  findPanels();
  // Who leaves at once, or has no connection any more, has the links.
  getReady()
    .catch(() => {})
    .finally(() => {
      missed = null;
      release();
    });
}

/** The rest of the page, asked for once its first view is on its way. */
async function getReady() {
  [later] = await Promise.all([import("app/features/later.js"), lateStyles()]);
  later.startLater();
  if (painted) later.showAnnotations(painted);
  later.hear(missed ?? []);
  document.body.dataset.ready = "";
}

/** The styles that no first view needs stand in a template, on the pages that are to be light. */
function lateStyles() {
  const template = document.querySelector("template[data-later]");
  if (!(template instanceof HTMLTemplateElement)) return;
  const links = [...template.content.querySelectorAll("link")];
  template.replaceWith(template.content);
  return Promise.all(
    links.map((link) => new Promise((done) => ["load", "error"].forEach((type) => link.addEventListener(type, done, { once: true })))),
  );
}
