/**
 * A chart on a page: its data from the API, and what every chart has: loading, empty and error states, a sentence and a
 * table for who cannot see it, full screen, and files of it.
 */

import { AnnotationMarks } from "app/charts/annotation_marks.js";
import { look } from "app/charts/look.js";
import { kindOf } from "app/charts/registry.js";
import { ApiError, coalesced, read } from "app/core/api.js";
import { eachFrame } from "app/core/frame.js";
import { onTheme } from "app/core/theme.js";

/** @typedef {import("app/core/format.js").Setting} Setting */

const PAUSE = 1000;
const NEARER = 200;
/** A chart that stays open for days asks for the whole now and then, so that it neither grows nor lags its range. */
const WHOLE_AFTER = 500;

export class ChartPanel {
  /** @type {any} */
  #data = null;
  /** @type {any} */
  #adapter = null;
  /** @type {import("app/charts/kind.js").Kind | null} */
  #kind = null;
  /** @type {AnnotationMarks} */
  #notes;
  #appended = 0;
  /** The part that the person looks at; null is the whole. @type {{from: number, to: number} | null} */
  #range = null;

  /**
   * @param {HTMLElement} panel as templates/partials/chart.html prints it
   * @param {() => Setting} setting
   */
  constructor(panel, setting) {
    this.panel = panel;
    this.setting = setting;
    this.room = /** @type {HTMLElement} */ (panel.querySelector("[data-room]"));
    this.events = new Set((panel.dataset.events ?? "").split(" ").filter(Boolean));
    this.refresh = coalesced(() => this.#load(), PAUSE, (error) => this.#failed(error));
    this.stopTheme = onTheme(() => this.#paint());
    this.nearer = coalesced(() => this.#load(true), NEARER, (error) => this.#failed(error));
    this.repaint = eachFrame(() => this.#paint());
    this.#notes = new AnnotationMarks(/** @type {HTMLElement} */ (panel.querySelector("[data-notes]")), setting);
    this.room.addEventListener("drawn", () => this.#lay());
    panel.addEventListener("click", (event) => this.#clicked(event));
    this.room.addEventListener("pick", (event) => {
      const to = this.#leads(/** @type {CustomEvent} */ (event).detail);
      if (to) this.room.dispatchEvent(new CustomEvent("follow", { detail: to, bubbles: true }));
    });
    this.room.addEventListener("keydown", (event) => this.#keyed(event));
    this.room.addEventListener("zoom", (event) => {
      this.#range = /** @type {CustomEvent<{from: number, to: number} | null>} */ (event).detail;
      if (this.#kind?.load) this.repaint();
      this.nearer();
    });
  }

  /** Where an item of the drawing leads. @param {any} item @returns {string | null} */
  #leads(item) {
    return this.#kind?.pick?.(this.#data, item, this.panel.dataset.of ?? "") ?? null;
  }

  /** The arrows go from item to item, or with Shift where they move the drawing; Enter looks closer. @param {KeyboardEvent} event */
  #keyed(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!this.#kind?.pick || !this.#adapter || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter") this.#adapter.choose();
    else if (by && (event.shiftKey || !this.panel.hasAttribute("data-timed"))) {
      const said = this.panel.querySelector("[data-said]");
      const text = this.#adapter.step(by, (/** @type {any} */ item) => this.#leads(item) !== null);
      if (said) said.textContent = text;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  get title() {
    return this.panel.querySelector("h2")?.textContent ?? "";
  }

  /** What the API is asked. The panel is loaded again when this changes. */
  get source() {
    return this.panel.dataset.source ?? "";
  }

  /** Become what the same panel of another document is. @param {HTMLElement} fresh */
  become(fresh) {
    for (const place of ["h2", ".panel-head > .hint", ".when-empty"]) {
      const [old, found] = [this.panel, fresh].map((panel) => panel.querySelector(place));
      if (old && found && old.textContent !== found.textContent) old.replaceWith(found);
    }
    const { source, shows, focus } = this.panel.dataset;
    for (const name of ["source", "shows", "chartId", "focus"]) {
      if (fresh.dataset[name] === undefined) delete this.panel.dataset[name];
      else this.panel.dataset[name] = fresh.dataset[name];
    }
    if (source !== this.panel.dataset.source) {
      this.#range = null;
      this.refresh();
    } else if (shows !== this.panel.dataset.shows || focus !== this.panel.dataset.focus) this.repaint();
  }

  /** The source in the range that is looked at: the server thins what it sends to what can be seen. */
  get #asked() {
    if (!this.#range) return this.source;
    const address = new URL(this.source, location.origin);
    address.searchParams.delete("days");
    address.searchParams.set("start", new Date(Math.max(this.#range.from, 0) * 1000).toISOString());
    address.searchParams.set("end", new Date(this.#range.to * 1000).toISOString());
    return address.pathname + address.search;
  }

  /** The last moment in view, in seconds; null while there is none. @returns {number | null} */
  get latest() {
    return this.#adapter?.latest ?? null;
  }

  /** Show what people wrote on this chart, of all that they wrote. @param {import("app/charts/annotation_marks.js").Annotation[]} rows */
  annotate(rows) {
    this.#notes.rows = rows.filter(({ chart_id }) => chart_id === this.panel.dataset.chartId);
    this.#lay();
  }

  #lay() {
    this.#notes.lay((at) => this.#adapter?.place?.(at) ?? null);
  }

  /** @param {{type: string, d?: any}[]} events */
  hear(events) {
    const mine = events.filter(({ type }) => this.events.has(type));
    if (!mine.length) return;
    if (this.#kind?.load) this.refresh();
    if (this.#kind?.load || this.#range) return;
    let data = this.#data;
    for (const { type, d } of mine) data = type === this.panel.dataset.appends && data ? this.#kind?.append?.(data, d) ?? null : null;
    this.#appended += mine.length;
    if (!data || this.#appended > WHOLE_AFTER) {
      this.refresh();
      return;
    }
    this.#data = data;
    this.#paint();
  }

  destroy() {
    this.stopTheme();
    this.#adapter?.destroy();
    this.#adapter = null;
  }

  /** A phone draws what is on its screen or one screen away: most of a long page may never be looked at. */
  async #near() {
    if (!matchMedia("(width < 768px)").matches) return;
    await new Promise((done) => {
      new IntersectionObserver(
        (seen, observer) => {
          const near = seen.at(-1)?.isIntersecting;
          this.panel.toggleAttribute("data-far", !near);
          if (near) done(observer.disconnect());
        },
        { rootMargin: "100%" },
      ).observe(this.panel);
    });
  }

  get #context() {
    const { unit = "", shows = "", focus } = this.panel.dataset;
    const about = focus ? JSON.parse(focus) : undefined;
    return { focus: about, setting: this.setting(), look: look(), unit, range: this.#range, shows: shows.split(" "), notes: this.#notes.rows };
  }

  /** @param {boolean} [moved] only the range has changed */
  async #load(moved = false) {
    await this.#near();
    const { kind, Adapter } = await kindOf(this.panel.dataset.kind ?? "");
    const { source } = this;
    const asked = kind.load ? source : this.#asked;
    const fresh = (/** @type {string} */ address) => read(address, { fresh: true });
    const data = await (kind.load?.(source, { read: fresh, known: this.#data, range: this.#range, moved }) ?? fresh(asked));
    if (asked !== (kind.load ? this.source : this.#asked)) return; // a newer wish is on its way
    if (this.#range && kind.empty(data)) return; // between two values there is nothing to come nearer to
    this.#kind = kind;
    this.#data = data;
    this.#appended = 0;
    this.panel.dispatchEvent(new CustomEvent("loaded", { detail: data, bubbles: true }));
    const empty = kind.empty(data);
    this.#show(empty ? "empty" : "drawn");
    if (empty) {
      this.#adapter?.destroy();
      this.#adapter = null;
      return;
    }
    if (kind.height) this.room.style.minHeight = `${kind.height(data)}px`;
    if (!this.#adapter) {
      this.#adapter = new Adapter(this.room, this.setting);
      const body = this.room.parentElement;
      if (kind.newest && body) body.scrollLeft = kind.newest(data) * body.scrollWidth - body.clientWidth / 2;
    }
    this.panel.toggleAttribute("data-timed", "place" in Adapter.prototype);
    this.panel.toggleAttribute("data-picked", kind.pick !== undefined);
    this.#paint();
  }

  #paint() {
    if (!this.#adapter || !this.#kind) return;
    const context = this.#context;
    this.#adapter.set(this.#kind.model(this.#data, context));
    this.room.setAttribute("aria-label", `${this.title}. ${this.#kind.summary(this.#data, context)}`);
    this.#paintTable();
  }

  async #paintTable() {
    const place = /** @type {HTMLElement} */ (this.panel.querySelector("[data-table]"));
    const shown = this.panel.dataset.view === "table";
    place.hidden = !shown;
    if (!shown) return;
    const { tableOf } = await import("app/features/table_view.js");
    if (this.#kind) place.replaceChildren(tableOf(this.#kind.table(this.#data, this.#context), this.title, this.setting()));
  }

  /** @param {"drawn" | "empty" | "failed"} state */
  #show(state) {
    this.panel.dataset.state = state;
  }

  /** The last good drawing stays; without one the panel says what went wrong. @param {unknown} error */
  #failed(error) {
    const place = this.panel.querySelector("[data-failure]");
    if (place) place.textContent = error instanceof ApiError ? [error.message, error.requestId].filter(Boolean).join(" · ") : "";
    this.#show("failed");
  }

  /** @param {Event} event */
  #clicked(event) {
    const button = /** @type {Element} */ (event.target).closest("[data-act]");
    const act = button?.getAttribute("data-act");
    if (!act) return;
    button?.closest("details")?.removeAttribute("open");
    if (act === "retry") this.refresh();
    else if (act === "fullscreen") this.#fullscreen();
    else if (act === "table") this.#turn();
    else if (this.#data && this.#kind) this.#save(act);
  }

  /** @param {string} format */
  async #save(format) {
    const { save } = await import("app/features/files.js");
    if (this.#kind) save(format, { kind: this.#kind, data: this.#data, context: this.#context, title: this.title });
  }

  #fullscreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.panel.requestFullscreen();
  }

  #turn() {
    this.panel.dataset.view = this.panel.dataset.view === "table" ? "drawing" : "table";
    this.#paintTable();
  }
}
