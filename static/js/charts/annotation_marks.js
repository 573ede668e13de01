/** What people wrote on a chart, upon its drawing: a line at the moment, and a mark at its foot that says it. */

import { exactTime } from "app/core/format.js";
import { word } from "app/core/words.js";

/** @typedef {{id: number, chart_id: string, date: string, text: string, type: string, color: string, author: string | null}} Annotation */
/** @typedef {(seconds: number) => {x: number, bottom: number} | null} Place where a moment stands; null if out of view */

const APART = 28;
const ROWS = 5;

export class AnnotationMarks {
  /** @type {Annotation[]} */
  #rows = [];
  /** @type {Map<number, HTMLElement>} */
  #marks = new Map();

  /**
   * @param {HTMLElement} layer
   * @param {() => import("app/core/format.js").Setting} setting
   */
  constructor(layer, setting) {
    this.layer = layer;
    this.setting = setting;
  }

  get rows() {
    return this.#rows;
  }

  set rows(rows) {
    this.#rows = rows.toSorted((one, other) => Date.parse(one.date) - Date.parse(other.date));
    const gone = new Map(this.#marks);
    for (const row of this.#rows) {
      const mark = this.#marks.get(row.id) ?? this.#made(row.id);
      gone.delete(row.id);
      this.#fill(mark, row);
    }
    for (const [id, mark] of gone) {
      mark.remove();
      this.#marks.delete(id);
    }
  }

  /** Put the marks where their moments stand; neighbours stand above each other. @param {Place} place */
  lay(place) {
    const ends = Array(ROWS).fill(-Infinity);
    for (const row of this.#rows) {
      const mark = /** @type {HTMLElement} */ (this.#marks.get(row.id));
      const at = place(Date.parse(row.date) / 1000);
      mark.hidden = !at;
      if (!at) continue;
      const level = Math.max(ends.findIndex((end) => at.x - end >= APART), 0);
      ends[level] = at.x;
      mark.style.left = `${at.x}px`;
      mark.style.height = `${at.bottom}px`;
      mark.style.paddingBottom = `${level * APART}px`;
      mark.classList.toggle("turned", at.x > this.layer.clientWidth / 2);
      this.layer.append(mark); // in the order of time, for the keyboard
    }
  }

  /** @param {number} id */
  #made(id) {
    const template = /** @type {HTMLTemplateElement} */ (document.querySelector("template[data-note]"));
    const mark = /** @type {HTMLElement} */ (/** @type {DocumentFragment} */ (template.content.cloneNode(true)).firstElementChild);
    this.#marks.set(id, mark);
    return mark;
  }

  /**
   * @param {HTMLElement} mark
   * @param {Annotation} row
   */
  #fill(mark, row) {
    const when = exactTime(row.date, this.setting());
    const kind = word("annotation", row.type);
    mark.dataset.note = String(row.id);
    mark.dataset.type = row.type;
    mark.style.color = CSS.supports("color", row.color) ? row.color : "";
    for (const [name, text] of Object.entries({ kind, moment: when, text: row.text, author: row.author ?? "" })) {
      const part = /** @type {HTMLElement} */ (mark.querySelector(`[data-${name}]`));
      part.textContent = text;
      part.hidden = !text;
    }
    const button = mark.querySelector("button");
    button?.setAttribute("aria-label", `${kind}, ${when}: ${row.text}`);
    button?.setAttribute("data-show-key", `annotation-${row.id}`);
  }
}
