/** What stands on a timeline beside its lines: spans, the last value in a tag, names where lines end. */

import { FONT, FONT_SIZE } from "app/charts/look.js";

/** @typedef {import("uplot")} Plot */
/** @typedef {import("app/charts/look.js").Look} Look */
/** @typedef {import("app/charts/kind.js").LineModel} LineModel */

const NAME_GAP = 16;
const NAME_ROOM = 72;
const NAMED_AT = 0.68; // of the width: where two lines are named beside each other

/**
 * @param {Plot} plot
 * @param {Look} look
 * @param {{from: number, to: number, text: string}} stretch
 */
export function span(plot, look, stretch) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const left = Math.max(plot.valToPos(stretch.from, "x", true), bbox.left);
  const right = Math.min(plot.valToPos(stretch.to, "x", true), bbox.left + bbox.width);
  if (!(right > left)) return;
  const top = bbox.top - 16 * ratio;
  ctx.save();
  ctx.fillStyle = look.grid;
  ctx.globalAlpha = 0.6;
  ctx.fillRect(left, top, right - left, bbox.height + 16 * ratio);
  ctx.globalAlpha = 1;
  dashed(ctx, look.line2, [2, 3]);
  for (const x of [left, right]) line(ctx, x, top, x, bbox.top + bbox.height);
  ctx.font = `${FONT_SIZE * ratio}px ${FONT}`;
  ctx.fillStyle = look.t2;
  ctx.textBaseline = "alphabetic";
  const turned = ctx.measureText(stretch.text).width + 12 * ratio > bbox.left + bbox.width - left;
  ctx.textAlign = turned ? "right" : "left";
  ctx.fillText(stretch.text, turned ? right - 6 * ratio : left + 6 * ratio, bbox.top - 3 * ratio);
  ctx.restore();
}

/**
 * The end of the first line: a dot, and its value in a filled tag on the axis.
 * @param {Plot} plot
 * @param {Look} look
 * @param {number} at
 * @param {number} value
 * @param {string} text
 * @param {number} axis width of the axis
 */
export function tag(plot, look, at, value, text, axis) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const edge = bbox.left + bbox.width;
  const y = plot.valToPos(value, "y", true);
  ctx.save();
  ctx.fillStyle = look.acc;
  ctx.beginPath();
  ctx.arc(plot.valToPos(at, "x", true), y, 3 * ratio, 0, 2 * Math.PI);
  ctx.fill();
  ctx.font = `600 ${FONT_SIZE * ratio}px ${FONT}`;
  const wide = Math.min(ctx.measureText(text).width + 12 * ratio, axis * ratio - 2);
  ctx.fillStyle = look.accfill;
  ctx.beginPath();
  ctx.roundRect(edge + 2 * ratio, y - 10 * ratio, wide, 20 * ratio, 3 * ratio);
  ctx.fill();
  ctx.fillStyle = look.onacc;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillText(text, edge + 8 * ratio, y + 0.5 * ratio, wide - 10 * ratio);
  ctx.restore();
}

/**
 * Each line is named: two beside themselves, on the sides away from each other; more where they end.
 * @param {Plot} plot
 * @param {Look} look
 * @param {LineModel} model
 */
export function name(plot, look, model) {
  const shown = model.lines.filter(({ values }) => values.some((value) => value !== null));
  if (shown.length < 2) return;
  const { ctx } = plot;
  ctx.save();
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  if (shown.length === 2) pair(plot, look, model);
  else ends(plot, look, model);
  ctx.restore();
}

/**
 * @param {Plot} plot
 * @param {Look} look
 * @param {LineModel} model
 */
function pair(plot, look, { times, lines }) {
  const ratio = devicePixelRatio;
  const [begin, end] = [plot.scales.x.min ?? times[0], plot.scales.x.max ?? times[times.length - 1]];
  const from = begin + (end - begin) * NAMED_AT;
  const index = times.findIndex((time) => time >= from);
  const [first, second] = lines.map(({ values }) => values[index]);
  if (typeof first !== "number" || typeof second !== "number") return;
  const beside = times.flatMap((time, each) => (time >= from && time <= from + (end - begin) / 8 ? lines.map(({ values }) => values[each]) : []));
  const near = beside.filter((value) => typeof value === "number");
  const { top, height } = plot.bbox;
  const high = Math.max(plot.valToPos(Math.max(...near), "y", true) - 12 * ratio, top + 8 * ratio);
  const low = Math.min(plot.valToPos(Math.min(...near), "y", true) + 16 * ratio, top + height - 8 * ratio);
  lines.forEach((each, number) => write(plot, look, each, number === 0, "left", plot.valToPos(times[index], "x", true), first >= second === (number === 0) ? high : low));
}

/**
 * @param {Plot} plot
 * @param {Look} look
 * @param {LineModel} model
 */
function ends(plot, look, { times, lines }) {
  const { bbox } = plot;
  const ratio = devicePixelRatio;
  const places = lines
    .map((each, number) => ({ each, number, y: height(plot, each.values, times.length - 1) }))
    .filter(({ y }) => y !== null)
    .sort((one, other) => Number(one.y) - Number(other.y));
  let above = bbox.top;
  for (const { each, number, y } of places) {
    const place = Math.max(Number(y) - 8 * ratio, above);
    above = place + NAME_GAP * ratio;
    write(plot, look, each, number === 0, "right", bbox.left + bbox.width - 4 * ratio, place);
  }
}

/**
 * @param {Plot} plot
 * @param {Look} look
 * @param {import("app/charts/kind.js").Line} line
 * @param {boolean} strong
 * @param {CanvasTextAlign} align
 * @param {number} x
 * @param {number} y
 */
function write({ ctx }, look, { name: text, colour }, strong, align, x, y) {
  const ratio = devicePixelRatio;
  ctx.textAlign = align;
  ctx.font = `${strong ? "600 " : ""}${FONT_SIZE * ratio}px ${FONT}`;
  ctx.lineWidth = 3 * ratio;
  ctx.strokeStyle = look.panel;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = strong ? colour : look.t3;
  ctx.fillText(text, x, y);
}

const [LIST, SHORT_LIST, NARROW] = [184, 104, 560];
const [SWATCH, SWATCH_GAP] = [14, 6];

/**
 * The room that a list of lines takes; a narrow chart names them without their values.
 * @param {number} width
 */
export const listWidth = (width) => (width < NARROW ? SHORT_LIST : LIST);

/**
 * The lines in the order in which they end, each beside its end as far as there is room.
 * @param {Plot} plot
 * @param {Look} look
 * @param {LineModel} model
 * @param {(line: import("app/charts/kind.js").Line) => string} valueOf
 */
export function list(plot, look, { times, lines }, valueOf) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const gap = NAME_GAP * ratio;
  const places = lines
    .map((each, number) => ({ each, number, y: Number(height(plot, each.values, times.length - 1)) }))
    .sort((one, other) => one.y - other.y);
  let above = bbox.top - gap;
  for (const place of places) above = place.y = Math.max(place.y, above + gap);
  let below = bbox.top + bbox.height + gap / 2;
  for (const place of places.toReversed()) below = place.y = Math.min(place.y, below - gap);
  const [left, right] = [bbox.left + bbox.width + 8 * ratio, ctx.canvas.width - 2 * ratio];
  const valued = right - left > SHORT_LIST * ratio;
  ctx.save();
  ctx.textBaseline = "middle";
  for (const { each, number, y } of places) {
    ctx.font = `${number ? "" : "600 "}${FONT_SIZE * ratio}px ${FONT}`;
    dashed(ctx, each.colour, each.dash ?? []);
    ctx.lineWidth = (each.width ?? 1.25) * ratio;
    line(ctx, left, y, left + SWATCH * ratio, y);
    ctx.fillStyle = number ? look.t2 : look.t1;
    const value = valued ? valueOf(each) : "";
    ctx.textAlign = "right";
    ctx.fillText(value, right, y);
    ctx.textAlign = "left";
    const from = left + (SWATCH + SWATCH_GAP) * ratio;
    ctx.fillText(shortened(ctx, each.name, right - from - ctx.measureText(value).width - 8 * ratio), from, y);
  }
  ctx.restore();
}

/**
 * As much of a text as fits.
 * @param {CanvasRenderingContext2D} ctx
 * @param {string} text
 * @param {number} width
 */
function shortened(ctx, text, width) {
  if (ctx.measureText(text).width <= width) return text;
  let kept = text.length;
  while (kept > 1 && ctx.measureText(`${text.slice(0, kept)}…`).width > width) kept -= 1;
  return `${text.slice(0, kept)}…`;
}

/**
 * A reference line across the chart, with what it is at its end.
 * @param {Plot} plot
 * @param {Look} look
 * @param {{value: number, text: string}} at
 */
export function level(plot, look, { value, text }) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const y = plot.valToPos(value, "y", true);
  ctx.save();
  dashed(ctx, look.line2, [4, 4]);
  line(ctx, bbox.left, y, bbox.left + bbox.width, y);
  ctx.font = `${FONT_SIZE * ratio}px ${FONT}`;
  ctx.fillStyle = look.t3;
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  const below = y + 20 * ratio < bbox.top + bbox.height;
  ctx.fillText(text, bbox.left + bbox.width - 4 * ratio, y + (below ? 10 : -10) * ratio);
  ctx.restore();
}

/**
 * Moments of the first line: a dot, and below it, clear of the line, what it is.
 * @param {Plot} plot
 * @param {Look} look
 * @param {LineModel} model
 */
export function points(plot, look, { lines, points: marked = [] }) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = `${FONT_SIZE * ratio}px ${FONT}`;
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  ctx.lineWidth = 3 * ratio;
  ctx.strokeStyle = look.panel;
  /** @type {{x: number, y: number}[]} */
  const named = [];
  for (const { at, value, text } of marked) {
    const [x, y] = [plot.valToPos(at, "x", true), plot.valToPos(value, "y", true)];
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    const turned = x + ctx.measureText(text).width + 8 * ratio > bbox.left + bbox.width;
    ctx.textAlign = turned ? "right" : "left";
    ctx.fillStyle = lines[0].colour;
    ctx.beginPath();
    ctx.arc(x, y, 2.5 * ratio, 0, 2 * Math.PI);
    ctx.fill();
    const place = x + (turned ? -7 : 7) * ratio;
    if (named.some((other) => Math.abs(other.x - x) < NAME_ROOM * ratio && Math.abs(other.y - y) < NAME_GAP * ratio)) continue;
    named.push({ x, y });
    const below = Math.min(y + 10 * ratio, bbox.top + bbox.height - 7 * ratio);
    ctx.strokeText(text, place, below);
    ctx.fillText(text, place, below);
  }
  ctx.restore();
}

/**
 * @param {Plot} plot
 * @param {(number | null)[]} values
 * @param {number} at
 */
function height(plot, values, at) {
  const index = values.findLastIndex((value, each) => each <= at && value !== null);
  return index < 0 ? null : plot.valToPos(/** @type {number} */ (values[index]), "y", true);
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {string} colour
 * @param {number[]} pattern
 */
export function dashed(ctx, colour, pattern) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash(pattern.map((length) => length * devicePixelRatio));
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 */
export function line(ctx, x1, y1, x2, y2) {
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
}
