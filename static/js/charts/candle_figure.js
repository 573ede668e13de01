/** Candles on the screen: drawn by ECharts, dragged and zoomed by candles, with a tip of exact figures. */

import { AXIS_WIDTH } from "app/charts/candles.js";
import { Figure } from "app/charts/figure.js";
import { gestures } from "app/charts/gestures.js";

/** @typedef {import("app/charts/candles.js").CandleModel} CandleModel */

const LEAST = 10;
const BESIDE = 16;

export class CandleFigure extends Figure {
  /** @type {CandleModel | null} */
  #model = null;
  /** What is looked at, in places between candles; parts of a candle are kept while it is dragged. @type {[number, number]} */
  #view = [0, 0];
  #tip = document.createElement("div");
  #gone = new AbortController();

  /** @param {HTMLElement} room */
  constructor(room) {
    super(room);
    room.classList.add("roams");
    this.#tip.className = "tip";
    this.#tip.hidden = true;
    room.append(this.#tip);
    const surface = { over: room, width: () => this.#width, range: () => this.#view, move: (/** @type {[number, number] | null} */ to) => this.#move(to) };
    gestures(surface, room, this.#gone.signal);
    this.#drags();
    room.addEventListener("pointermove", (event) => this.#showTip(event), { signal: this.#gone.signal });
    room.addEventListener("click", (event) => this.#showTip(event), { signal: this.#gone.signal }); // a tap moves nothing
    room.addEventListener("pointerleave", () => (this.#tip.hidden = true), { signal: this.#gone.signal });
  }

  /** @override @param {CandleModel} model */
  set(model) {
    this.#model = model;
    const [first, end] = this.#view.map(Math.ceil);
    if (first !== model.first || end !== model.end) this.#view = [model.first, model.end];
    super.set(model.option);
    this.room.dispatchEvent(new CustomEvent("drawn"));
  }

  /** @override */
  destroy() {
    this.#gone.abort();
    this.room.classList.remove("roams");
    super.destroy();
    this.#tip.remove();
  }

  /** @override @param {any} before @param {any} item */
  show(before, item) {
    super.show(before, item);
    this.#tell(item.value[0]);
  }

  /** @override @param {any} item */
  said(item) {
    return this.#model?.tip(item.value[0]).map((texts) => texts.join(" ")).join(", ") ?? "";
  }

  /** Where a moment stands in the room; null outside of what is in view. @param {number} at seconds */
  place(at) {
    const model = this.#model;
    if (!model || at < model.times[0] || at >= model.timeAt(model.end)) return null;
    const index = model.times.findLastIndex((time) => time <= at);
    return { x: (index + 0.5) * this.#wide, bottom: this.room.clientHeight - model.bottom };
  }

  /** The last moment in view, in seconds. */
  get latest() {
    return this.#model?.times.at(-1) ?? null;
  }

  get #width() {
    return this.room.clientWidth - AXIS_WIDTH;
  }

  /** How wide a candle is. */
  get #wide() {
    return this.#width / Math.max(this.#model?.times.length ?? 1, 1);
  }

  /** Look at other candles, as many as wanted and no more than there are. @param {[number, number] | null} to */
  #move(to) {
    const model = this.#model;
    if (!model) return;
    let detail = null;
    if (to) {
      const count = Math.min(Math.max(Math.round(to[1] - to[0]), LEAST), model.most);
      const from = Math.min(Math.max((to[0] + to[1] - count) / 2, 0), model.held - count);
      this.#view = [from, from + count];
      detail = { from: model.timeAt(from), to: model.timeAt(from + count) };
    }
    this.room.dispatchEvent(new CustomEvent("zoom", { detail, bubbles: true }));
  }

  #drags() {
    const { signal } = this.#gone;
    /** @type {Map<number, number>} */
    const pointers = new Map();
    this.room.addEventListener(
      "pointerdown",
      (event) => {
        if (event.button || event.offsetX > this.#width) return;
        pointers.set(event.pointerId, event.clientX);
      },
      { signal },
    );
    addEventListener(
      "pointermove",
      (event) => {
        const before = pointers.get(event.pointerId);
        if (before === undefined) return;
        pointers.set(event.pointerId, event.clientX);
        if (pointers.size > 1 || event.clientX === before) return;
        const shift = (before - event.clientX) / this.#wide;
        this.#move([this.#view[0] + shift, this.#view[1] + shift]);
      },
      { signal },
    );
    for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
      addEventListener(name, (event) => pointers.delete(event.pointerId), { signal });
    }
  }

  /** @param {MouseEvent} event */
  #showTip(event) {
    const left = event.clientX - this.room.getBoundingClientRect().left;
    this.#tell(event.buttons > 0 ? -1 : Math.floor(left / this.#wide), left);
  }

  /** Show the figures of a candle in view. @param {number} index @param {number} [left] where the tip stands beside */
  #tell(index, left = (index + 0.5) * this.#wide) {
    const model = this.#model;
    this.#tip.hidden = !model || index < 0 || index >= model.times.length;
    if (!model || this.#tip.hidden) return;
    this.#tip.replaceChildren(
      ...model.tip(index).map((texts) => {
        const row = document.createElement("p");
        for (const text of texts) row.append(Object.assign(document.createElement("span"), { textContent: text }));
        return row;
      }),
    );
    const wide = this.#tip.offsetWidth;
    this.#tip.style.left = `${left + BESIDE + wide > this.#width ? left - wide - BESIDE : left + BESIDE}px`;
  }
}
