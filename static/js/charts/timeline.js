/** Lines over time, drawn by uPlot: names where lines end, a tip with exact values, a range that can be dragged. */

import uPlot from "uplot";

import { gestures } from "app/charts/gestures.js";
import { FONT, FONT_SIZE, look } from "app/charts/look.js";
import { barPaths, extremes } from "app/charts/timeline_bars.js";
import { level as drawLevel, list, listWidth, name as nameLines, points, span as shade, tag } from "app/charts/timeline_marks.js";
import { touchRange } from "app/charts/touch.js";
import { exactTime, fixed, write } from "app/core/format.js";

/** @typedef {import("app/charts/kind.js").LineModel} LineModel */
/** @typedef {import("app/core/format.js").Setting} Setting */

export const AXIS_WIDTH = 64;
const TAG_ROOM = 16;
const LABEL_ROOM = 18;
const LEAST_DRAG = 8;
const TWICE = 250; // milliseconds between two clicks that belong together
const DAY = 86_400;
const YEAR = 365 * DAY;
const [NEAR, FADED] = [24, 0.4]; // the line under the pointer stays as it is

export class Timeline {
  /** @type {LineModel | null} */
  #model = null;
  /** @type {uPlot | null} */
  #plot = null;
  #look = look();
  #tip = document.createElement("div");
  #shape = "";
  #drawn = new AbortController();
  #nearer = false;
  /** Which moment the tip tells of. @type {number | null} */
  #told = null;

  /**
   * @param {HTMLElement} room
   * @param {() => Setting} setting
   */
  constructor(room, setting) {
    this.room = room;
    this.setting = setting;
    this.#tip.className = "tip";
    this.#tip.hidden = true;
    this.observer = new ResizeObserver(() => this.#plot?.setSize(this.#size()));
    this.observer.observe(room);
  }

  /** @param {LineModel} model */
  set(model) {
    this.#model = model;
    this.#look = look();
    const shape = JSON.stringify(model.lines.map(({ colour, dash, width, fill, stepped, bars }) => [colour, dash, width, fill, stepped, bars]));
    if (this.#plot && shape === this.#shape) {
      this.#plot.setData(this.#data(), !model.extent);
      this.#extend();
      return;
    }
    this.#shape = shape;
    this.#drawn.abort();
    this.#plot?.destroy();
    this.#draw(model);
  }

  /** Bars need room for the whole of the first and of the last one. */
  #extend() {
    const extent = this.#model?.extent;
    if (extent) this.#plot?.setScale("x", { min: extent[0], max: extent[1] });
  }

  destroy() {
    this.observer.disconnect();
    this.#drawn.abort();
    this.#plot?.destroy();
    this.#plot = null;
    this.#tip.remove();
  }

  /** @returns {uPlot.AlignedData} */
  #data() {
    const model = /** @type {LineModel} */ (this.#model);
    return [model.times, ...model.lines.map(({ values }) => values)];
  }

  #size() {
    return { width: this.room.clientWidth, height: this.room.clientHeight };
  }

  /** @param {LineModel} model */
  #draw(model) {
    const font = `${FONT_SIZE}px ${FONT}`;
    const steps = uPlot.paths.stepped?.({ align: 1 });
    /** @type {uPlot.Options} */
    const options = {
      ...this.#size(),
      padding: [20, model.listed ? listWidth(this.room.clientWidth) : 0, 0, 0],
      legend: { show: false },
      focus: { alpha: FADED },
      cursor: { focus: { prox: model.listed ? NEAR : -1 }, y: false, points: { show: false }, drag: { x: true, y: false, setScale: false, dist: LEAST_DRAG } },
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), this.setting().zone),
      scales: { y: { range: (_plot, low, high) => this.#range(low, high) } },
      series: [
        {},
        ...model.lines.map((each, index) => ({
          stroke: each.colour,
          dash: each.dash,
          width: each.width ?? (index ? 1.25 : 1.75),
          fill: each.fill === true ? this.#look.accdim : each.fill || undefined,
          fillTo: () => this.#model?.level?.value ?? 0,
          paths: each.bars ? this.#bars() : each.stepped ? steps : undefined,
          points: { show: false },
        })),
      ],
      axes: [
        {
          stroke: this.#look.t3,
          font,
          size: 32,
          gap: 8,
          grid: { show: false },
          ticks: { show: false },
          space: 88,
          values: (plot, splits, _axis, _space, step) =>
            splits.map((at) => (plot.valToPos(at, "x") < LABEL_ROOM ? "" : this.#timeLabel(at, step))),
        },
        {
          side: model.listed ? 3 : 1,
          stroke: this.#look.t3,
          font,
          size: AXIS_WIDTH,
          gap: 8,
          space: (plot) => (plot.height < 200 ? 24 : 44),
          grid: { stroke: this.#look.grid, width: 1 },
          ticks: { show: false },
          values: (plot, splits, _axis, _space, step) => splits.map((value) => this.#valueLabel(plot, value, step)),
        },
      ],
      hooks: {
        drawClear: [(plot) => this.#model?.span && shade(plot, this.#look, this.#model.span)],
        draw: [
          (plot) => {
            this.#drawOver(plot);
            this.room.dispatchEvent(new CustomEvent("drawn"));
          },
        ],
        setCursor: [(plot) => this.#showTip(plot)],
        setSelect: [(plot) => this.#brushed(plot)],
      },
    };
    this.room.replaceChildren();
    this.#plot = new uPlot(options, this.#data(), this.room);
    this.#extend();
    this.room.append(this.#tip);
    this.#drawn = new AbortController();
    const plot = this.#plot;
    const surface = this.#surface(plot);
    gestures(surface, this.room, this.#drawn.signal);
    this.#clicks(plot);
    const mark = (/** @type {number} */ left, /** @type {number} */ width) => plot.setSelect({ left, width, top: 0, height: width ? plot.over.clientHeight : 0 }, false);
    touchRange(plot.over, { mark, done: () => this.#brushed(plot), whole: () => surface.move(null) }, this.#drawn.signal);
    const unmark = () => mark(0, 0);
    this.room.addEventListener("unbrush", unmark, { signal: this.#drawn.signal });
  }

  /**
   * A click looks closer, if it neither dragged a range nor is the first of two that show the whole again. A finger shows
   * the tip first.
   * @param {uPlot} plot
   */
  #clicks(plot) {
    const { signal } = this.#drawn;
    /** @type {{x: number, told: number | null}} */
    let begun = { x: 0, told: null };
    let timer = 0;
    plot.over.addEventListener("pointerdown", ({ clientX }) => (begun = { x: clientX, told: this.#tip.hidden ? null : this.#told }), { signal });
    plot.over.addEventListener("dblclick", () => clearTimeout(timer), { signal });
    plot.over.addEventListener(
      "click",
      (event) => {
        const touched = /** @type {PointerEvent} */ (event).pointerType === "touch";
        if (Math.abs(event.clientX - begun.x) >= LEAST_DRAG || (touched && begun.told !== this.#told)) return;
        clearTimeout(timer);
        timer = setTimeout(() => this.choose(), this.#nearer ? TWICE : 0);
      },
      { signal },
    );
  }

  /**
   * @param {uPlot} plot
   * @returns {import("app/charts/gestures.js").Surface}
   */
  #surface(plot) {
    return {
      over: plot.over,
      width: () => plot.over.clientWidth,
      range: () => [plot.scales.x.min ?? 0, plot.scales.x.max ?? 0],
      move: (to) => {
        this.#nearer = to !== null;
        if (to) plot.setScale("x", { min: to[0], max: to[1] });
        this.room.dispatchEvent(new CustomEvent("zoom", { detail: to && { from: to[0], to: to[1] }, bubbles: true }));
      },
    };
  }

  /**
   * Where a moment stands in the room, for marks upon the drawing; null outside of what is in view.
   * @param {number} at seconds
   */
  place(at) {
    const plot = this.#plot;
    if (!plot) return null;
    const [x, wide] = [plot.valToPos(at, "x"), plot.over.clientWidth];
    return x < 0 || x > wide ? null : { x: x + plot.over.offsetLeft, bottom: plot.over.offsetTop + plot.over.clientHeight };
  }

  /** Go on to another moment, and say what was then. @param {number} by @returns {string} */
  step(by) {
    const [plot, model] = [this.#plot, this.#model];
    if (!plot || !model) return "";
    const { min = 0, max = Infinity } = plot.scales.x;
    const seen = model.times.flatMap((at, index) => (at >= min && at <= max ? [index] : []));
    const now = this.#tip.hidden ? -1 : seen.indexOf(plot.cursor.idx ?? -1);
    const index = seen[now < 0 ? (by < 0 ? seen.length - 1 : 0) : Math.min(Math.max(now + by, 0), seen.length - 1)];
    plot.setCursor({ left: plot.valToPos(model.times[index], "x"), top: 0 });
    this.#told = index;
    return this.#tip.textContent ?? "";
  }

  /** Look closer at the moment that is told of. */
  choose() {
    const index = this.#tip.hidden ? null : this.#told;
    if (index !== null) this.room.dispatchEvent(new CustomEvent("pick", { detail: { index }, bubbles: true }));
  }

  /** The last moment in view, in seconds. */
  get latest() {
    return this.#plot?.scales.x.max ?? null;
  }

  /**
   * @param {number} low
   * @param {number} high
   * @returns {[number, number]}
   */
  #range(low, high) {
    const [least, most] = this.#model?.within ?? [null, null];
    const level = this.#model?.level?.value ?? low;
    const [bottom, top] = [Math.min(low, level), Math.max(high, level)];
    const reach = top - bottom || Math.abs(top) * 0.01 || 1;
    return [least ?? bottom - reach * 0.06, most ?? top + reach * 0.06];
  }

  /**
   * @param {number} at
   * @param {number} step
   */
  #timeLabel(at, step) {
    const text = new Date(at * 1000).toISOString();
    if (step >= YEAR) return text.slice(0, 4);
    return step < DAY && at % DAY !== 0 ? write("clock", text, this.setting()) : write("day", text, this.setting());
  }

  /**
   * @param {uPlot} plot
   * @param {number} value
   * @param {number} step
   */
  #valueLabel(plot, value, step) {
    const model = /** @type {LineModel} */ (this.#model);
    const last = lastOf(model.lines[0].values);
    if (model.tag && last !== null && Math.abs(plot.valToPos(value, "y") - plot.valToPos(last, "y")) < TAG_ROOM) return "";
    const setting = this.setting();
    if (setting.masked && write(model.lines[0].format, value, setting) === write(model.lines[0].format, value + step, setting)) return "";
    return fixed(value, decimals(step), setting);
  }

  /** @param {uPlot} plot */
  #drawOver(plot) {
    const model = /** @type {LineModel} */ (this.#model);
    const setting = this.setting();
    if (model.level) drawLevel(plot, this.#look, model.level);
    if (model.tag) {
      const [first] = model.lines;
      const index = first.values.findLastIndex((value) => value !== null);
      const text = index < 0 ? "" : write(first.format, (first.texts ?? first.values)[index], setting);
      if (text) tag(plot, this.#look, model.times[index], /** @type {number} */ (first.values[index]), text, AXIS_WIDTH);
    }
    if (model.listed) list(plot, this.#look, model, ({ format, texts, values }) => write(format, (texts ?? values).findLast((value) => value !== null), setting));
    else if (model.lines[0].bars) this.#nameBars(plot, model);
    else nameLines(plot, this.#look, model);
    points(plot, this.#look, model);
  }

  #bars() {
    const model = () => /** @type {LineModel} */ (this.#model);
    return barPaths(() => model().lines[0], () => model().times, this.#look);
  }

  /**
   * @param {uPlot} plot
   * @param {LineModel} model
   */
  #nameBars(plot, model) {
    const [{ format, values, texts = values }] = model.lines;
    extremes(plot, this.#look, model.times, model.lines[0], (index) => write(format, texts[index], this.setting()));
  }

  /** @param {uPlot} plot */
  #showTip(plot) {
    const { idx, left = -1 } = plot.cursor;
    const model = this.#model;
    this.#tip.hidden = idx === null || idx === undefined || left < 0;
    if (this.#tip.hidden || idx === null || idx === undefined || !model) return;
    this.#told = idx;
    const setting = this.setting();
    const at = new Date(model.times[idx] * 1000).toISOString();
    const lines = [[model.lines[0].bars ? write("day", at.slice(0, 10), setting) : exactTime(at, setting), ""]];
    for (const each of model.lines) lines.push([each.name, write(each.format, (each.texts ?? each.values)[idx], setting)]);
    this.#tip.replaceChildren(
      ...lines.map((texts) => {
        const row = document.createElement("p");
        for (const text of texts) row.append(Object.assign(document.createElement("span"), { textContent: text }));
        return row;
      }),
    );
    const wide = this.#tip.offsetWidth;
    this.#tip.style.left = `${left + 16 + wide > plot.width - AXIS_WIDTH ? Math.max(left - wide - 16, 0) : left + 16}px`;
  }

  /** @param {uPlot} plot */
  #brushed(plot) {
    const { left, width } = plot.select;
    if (width < LEAST_DRAG) return;
    const detail = { from: plot.posToVal(left, "x"), to: plot.posToVal(left + width, "x"), left, width };
    this.room.dispatchEvent(new CustomEvent("brush", { detail, bubbles: true }));
  }
}

/**
 * How many decimals the steps of an axis have.
 * @param {number} step
 */
function decimals(step) {
  let places = 0;
  while (places < 8 && Math.abs(step * 10 ** places - Math.round(step * 10 ** places)) > 1e-6) places += 1;
  return places;
}

/** @param {(number | null)[]} values */
const lastOf = (values) => values.findLast((value) => value !== null) ?? null;
