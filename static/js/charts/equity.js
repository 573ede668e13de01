/** The equity curve: value as a step line, its moving average, the deepest fall, the start and the last value. */

import uPlot from "uplot";

import { averaged } from "app/charts/average.js";
import { exactTime, fixed, write } from "app/core/format.js";
import { colours, onTheme } from "app/core/theme.js";

/** @typedef {{timestamps: string[], equity: (number | string)[], drawdown: (number | null)[]}} Curve */
/** @typedef {import("app/core/format.js").Setting} Setting */
/** @typedef {{start: string, fall: string, value: string, drawdown: string, average: string}} Words */

const TOKENS = ["acc", "accfill", "onacc", "accdim", "quiet", "t2", "t3", "grid", "line2", "panel"];
const AVERAGED = 24; // the average looks back over this part of the time shown
const AXIS_WIDTH = 64;
const TAG_ROOM = 16;
const LABEL_ROOM = 18;

export class EquityChart {
  /** @type {number[]} */
  #times = [];
  /** @type {number[]} */
  #values = [];
  /** @type {(number | string)[]} */
  #texts = [];
  /** @type {number[]} */
  #falls = [];
  /** @type {uPlot | null} */
  #plot = null;
  #colours = colours(TOKENS);
  #tip = document.createElement("div");
  #summary = document.createElement("p");

  /**
   * @param {HTMLElement} room
   * @param {Words} words
   * @param {() => Setting} setting
   */
  constructor(room, words, setting) {
    this.room = room;
    this.words = words;
    this.setting = setting;
    this.#tip.className = "tip";
    this.#tip.hidden = true;
    this.#summary.className = "visually-hidden";
    this.observer = new ResizeObserver(() => this.#resize());
    this.observer.observe(room);
    this.stopTheme = onTheme(() => this.setTheme());
  }

  /** @param {Curve} curve */
  set(curve) {
    this.#times = curve.timestamps.map((at) => Date.parse(at) / 1000);
    this.#texts = curve.equity;
    this.#values = curve.equity.map(Number);
    this.#falls = curve.drawdown.map((fall) => (fall ?? 0) * 100);
    if (this.#values.length < 2) this.#remove();
    else if (this.#plot) this.#plot.setData(this.#data());
    else this.#draw();
    this.#summarise();
  }

  /**
   * One more value at the right end; a value of an earlier moment waits for the next whole curve.
   * @param {{timestamp: string, total_value: number | string}} row
   */
  append(row) {
    const at = Date.parse(row.timestamp) / 1000;
    const last = this.#times.at(-1);
    if (!this.#plot || last === undefined || at < last) return;
    const index = at === last ? this.#times.length - 1 : this.#times.length;
    const value = Number(row.total_value);
    this.#times[index] = at;
    this.#values[index] = value;
    this.#texts[index] = row.total_value;
    this.#falls[index] = Math.min((value / Math.max(...this.#values) - 1) * 100, 0);
    this.#plot.setData(this.#data());
    this.#summarise();
  }

  /**
   * @param {number} from seconds
   * @param {number} to seconds
   */
  setRange(from, to) {
    this.#plot?.setScale("x", { min: from, max: to });
  }

  setTheme() {
    this.#colours = colours(TOKENS);
    this.#plot?.redraw(false);
  }

  /** @returns {string} a PNG as data URL */
  toImage() {
    return this.#plot?.ctx.canvas.toDataURL("image/png") ?? "";
  }

  destroy() {
    this.observer.disconnect();
    this.stopTheme();
    this.#remove();
  }

  #remove() {
    this.#plot?.destroy();
    this.#plot = null;
    this.#tip.remove();
  }

  /** @returns {uPlot.AlignedData} */
  #data() {
    return [this.#times, this.#values, averaged(this.#times, this.#values, this.#window())];
  }

  /** The curve in words, for who cannot see it. */
  #summarise() {
    const ends = [0, this.#times.length - 1].map((index) => {
      const at = new Date((this.#times[index] ?? 0) * 1000).toISOString();
      return `${write("day", at, this.setting())} ${write("money", this.#texts[index], this.setting())}`;
    });
    this.#summary.textContent = ends.join(" – ");
  }

  /** Seconds that the average looks back. */
  #window() {
    return ((this.#times.at(-1) ?? 0) - this.#times[0]) / AVERAGED;
  }

  #size() {
    return { width: this.room.clientWidth, height: this.room.clientHeight };
  }

  #resize() {
    if (this.#plot) this.#plot.setSize(this.#size());
  }

  #draw() {
    const paint = (/** @type {string} */ name) => () => this.#colours[name];
    const font = '12px "Inter", "Inter fallback", sans-serif';
    const steps = uPlot.paths.stepped?.({ align: 1 });
    /** @type {uPlot.Options} */
    const options = {
      ...this.#size(),
      padding: [20, 0, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
      scales: { y: { range: (_plot, low, high) => padded(low, high) } },
      series: [
        {},
        {
          stroke: paint("acc"),
          fill: paint("accdim"),
          fillTo: () => this.#values[0],
          width: 1.75,
          paths: steps,
          points: { show: false },
        },
        { stroke: paint("quiet"), width: 1, paths: steps, points: { show: false } },
      ],
      axes: [
        {
          stroke: paint("t3"),
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
          side: 1,
          stroke: paint("t3"),
          font,
          size: AXIS_WIDTH,
          gap: 8,
          space: 44,
          grid: { stroke: paint("grid"), width: 1 },
          ticks: { show: false },
          values: (plot, splits, _axis, _space, step) => splits.map((value) => this.#valueLabel(plot, value, step)),
        },
      ],
      hooks: {
        drawClear: [(plot) => this.#drawFall(plot)],
        draw: [(plot) => this.#drawLevels(plot), (plot) => this.#drawNames(plot)],
        setCursor: [(plot) => this.#showTip(plot)],
      },
    };
    this.room.replaceChildren();
    this.#plot = new uPlot(options, this.#data(), this.room);
    this.room.append(this.#tip, this.#summary);
  }

  /**
   * @param {number} at
   * @param {number} step
   */
  #timeLabel(at, step) {
    const text = new Date(at * 1000).toISOString();
    if (step < 86_400) return at % 86_400 === 0 ? write("day", text, this.setting()) : write("clock", text, this.setting());
    return write("day", text, this.setting());
  }

  /**
   * @param {uPlot} plot
   * @param {number} value
   * @param {number} step
   */
  #valueLabel(plot, value, step) {
    const last = this.#values.at(-1) ?? 0;
    if (Math.abs(plot.valToPos(value, "y") - plot.valToPos(last, "y")) < TAG_ROOM) return "";
    const places = step >= 1 ? 0 : Math.min(Math.ceil(-Math.log10(step)), 8);
    return fixed(value, places, this.setting());
  }

  /**
   * The span of the deepest fall, from its peak to its trough.
   * @param {uPlot} plot
   */
  #drawFall(plot) {
    const trough = this.#falls.indexOf(Math.min(...this.#falls));
    if (!(this.#falls[trough] < 0)) return;
    let peak = trough;
    while (peak > 0 && this.#falls[peak] < 0) peak -= 1;
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio;
    const left = plot.valToPos(this.#times[peak], "x", true);
    const right = plot.valToPos(this.#times[trough], "x", true);
    ctx.save();
    ctx.fillStyle = this.#colours.grid;
    ctx.globalAlpha = 0.6;
    ctx.fillRect(left, bbox.top - 16 * ratio, right - left, bbox.height + 16 * ratio);
    ctx.globalAlpha = 1;
    dashed(ctx, this.#colours.line2, [2, 3], ratio);
    for (const x of [left, right]) line(ctx, x, bbox.top - 16 * ratio, x, bbox.top + bbox.height);
    ctx.font = `${12 * ratio}px "Inter", "Inter fallback", sans-serif`;
    const text = `${this.words.fall} ${write("signed-percent", this.#falls[trough], this.setting())}`;
    const wide = ctx.measureText(text).width;
    ctx.fillStyle = this.#colours.t2;
    ctx.textBaseline = "alphabetic";
    const room = bbox.left + bbox.width - left;
    ctx.textAlign = wide + 12 * ratio > room ? "right" : "left";
    ctx.fillText(text, wide + 12 * ratio > room ? right - 6 * ratio : left + 6 * ratio, bbox.top - 3 * ratio);
    ctx.restore();
  }

  /**
   * Start line, end dot, and the last value in a tag on the axis.
   * @param {uPlot} plot
   */
  #drawLevels(plot) {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio;
    const edge = bbox.left + bbox.width;
    const start = plot.valToPos(this.#values[0], "y", true);
    const lastValue = this.#values[this.#values.length - 1];
    const last = plot.valToPos(lastValue, "y", true);
    const end = plot.valToPos(this.#times[this.#times.length - 1], "x", true);
    ctx.save();
    ctx.font = `${12 * ratio}px "Inter", "Inter fallback", sans-serif`;
    dashed(ctx, this.#colours.line2, [4, 4], ratio);
    line(ctx, bbox.left, start, edge, start);
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    ctx.fillStyle = this.#colours.t3;
    const startText = `${this.words.start} ${write("money", this.#texts[0], this.setting())}`;
    if (Math.abs(last - start) > 28 * ratio) ctx.fillText(startText, edge - 4 * ratio, start + (last < start ? -10 : 10) * ratio);
    ctx.setLineDash([]);
    ctx.fillStyle = this.#colours.acc;
    ctx.beginPath();
    ctx.arc(end, last, 3 * ratio, 0, 2 * Math.PI);
    ctx.fill();
    const text = write("money", this.#texts[this.#texts.length - 1], this.setting());
    ctx.font = `600 ${12 * ratio}px "Inter", "Inter fallback", sans-serif`;
    const wide = Math.min(ctx.measureText(text).width + 12 * ratio, AXIS_WIDTH * ratio - 2);
    ctx.fillStyle = this.#colours.accfill;
    ctx.beginPath();
    ctx.roundRect(edge + 2 * ratio, last - 10 * ratio, wide, 20 * ratio, 3 * ratio);
    ctx.fill();
    ctx.fillStyle = this.#colours.onacc;
    ctx.textAlign = "left";
    ctx.fillText(text, edge + 8 * ratio, last + 0.5 * ratio, wide - 10 * ratio);
    ctx.restore();
  }

  /**
   * Each line is named beside it, on the side away from the other.
   * @param {uPlot} plot
   */
  #drawNames(plot) {
    const { ctx } = plot;
    const ratio = devicePixelRatio;
    const [first, last] = [this.#times[0], this.#times[this.#times.length - 1]];
    const at = first + (last - first) * 0.68;
    const index = this.#times.findIndex((time) => time >= at);
    const average = plot.data[2][index];
    if (typeof average !== "number" || this.#times.length < AVERAGED) return;
    const x = plot.valToPos(this.#times[index], "x", true);
    const above = this.#values[index] >= average;
    const around = this.#values.filter((_, each) => each >= index && this.#times[each] <= at + (last - first) / 10);
    const high = plot.valToPos(Math.max(...around, average), "y", true) - 10 * ratio;
    const low = plot.valToPos(Math.min(...around, average), "y", true) + 14 * ratio;
    const name = `${this.words.average} ${write("span", this.#window(), this.setting())}`;
    ctx.save();
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    ctx.font = `600 ${12 * ratio}px "Inter", "Inter fallback", sans-serif`;
    ctx.fillStyle = this.#colours.acc;
    ctx.fillText(this.words.value, x, above ? high : low);
    ctx.font = `${12 * ratio}px "Inter", "Inter fallback", sans-serif`;
    ctx.fillStyle = this.#colours.t3;
    ctx.fillText(name, x, above ? low : high);
    ctx.restore();
  }

  /** @param {uPlot} plot */
  #showTip(plot) {
    const { idx, left = -1 } = plot.cursor;
    this.#tip.hidden = idx === null || idx === undefined || left < 0;
    if (this.#tip.hidden || idx === null || idx === undefined) return;
    const setting = this.setting();
    const lines = [
      [exactTime(new Date(this.#times[idx] * 1000).toISOString(), setting), ""],
      [this.words.value, write("money", this.#texts[idx], setting)],
      [this.words.drawdown, write("signed-percent", this.#falls[idx], setting)],
    ];
    this.#tip.replaceChildren(
      ...lines.map((texts) => {
        const row = document.createElement("p");
        for (const text of texts) row.append(Object.assign(document.createElement("span"), { textContent: text }));
        return row;
      }),
    );
    const wide = this.#tip.offsetWidth;
    this.#tip.style.left = `${left + 16 + wide > plot.width - AXIS_WIDTH ? left - wide - 16 : left + 16}px`;
  }
}

/**
 * Room above and below, also for a line that is flat.
 * @param {number} low
 * @param {number} high
 * @returns {[number, number]}
 */
function padded(low, high) {
  const reach = high - low || Math.abs(high) * 0.01 || 1;
  return [low - reach * 0.06, high + reach * 0.06];
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {string} colour
 * @param {number[]} pattern
 * @param {number} ratio
 */
function dashed(ctx, colour, pattern, ratio) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = ratio;
  ctx.setLineDash(pattern.map((length) => length * ratio));
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 */
function line(ctx, x1, y1, x2, y2) {
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
}
