/** Bars of days on a timeline: a gain is filled, a loss has an outline; the best and the worst say what they are. */

import uPlot from "uplot";

import { FONT, FONT_SIZE, gain } from "app/charts/look.js";

/** @typedef {import("app/charts/look.js").Look} Look */
/** @typedef {import("app/charts/kind.js").Line} Line */

export const DAY = 86_400;
const WIDE = 0.76; // of a day

/**
 * How uPlot draws one bar a day; each day's moment is its middle.
 * @param {() => Line} line
 * @param {() => number[]} times
 * @param {Look} look
 */
export function barPaths(line, times, look) {
  const colours = (/** @type {"color" | "borderColor"} */ part) => () => line().values.map((value) => (value === null ? null : (gain(look, value)[part] ?? gain(look, value).color)));
  const x0 = { unit: 1, values: () => times().map((at) => at - (WIDE * DAY) / 2) };
  const size = { unit: 1, values: () => [WIDE * DAY] };
  const disp = { x0, size, fill: { unit: 3, values: colours("color") }, stroke: { unit: 3, values: colours("borderColor") } };
  return uPlot.paths.bars?.(/** @type {any} */ ({ disp }));
}

/**
 * @param {uPlot} plot
 * @param {Look} look
 * @param {number[]} times
 * @param {Line} line
 * @param {(index: number) => string} text
 */
export function extremes(plot, look, times, { values }, text) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const [from, to] = [plot.scales.x.min ?? 0, plot.scales.x.max ?? 0];
  const seen = values.flatMap((value, index) => (value && times[index] >= from && times[index] <= to ? [index] : []));
  const of = (/** @type {number} */ index) => /** @type {number} */ (values[index]);
  const [best, worst] = [seen.reduce((most, each) => (of(each) > of(most) ? each : most), seen[0]), seen.reduce((most, each) => (of(each) < of(most) ? each : most), seen[0])];
  ctx.save();
  ctx.font = `${FONT_SIZE * ratio}px ${FONT}`;
  ctx.textBaseline = "middle";
  for (const index of new Set([best, worst])) {
    if (index === undefined) continue;
    const half = ((plot.valToPos(times[index] + DAY, "x", true) - plot.valToPos(times[index], "x", true)) * WIDE) / 2;
    const x = plot.valToPos(times[index], "x", true);
    const late = x > bbox.left + bbox.width * 0.8;
    const y = Math.min(Math.max(plot.valToPos(of(index), "y", true), bbox.top + 6 * ratio), bbox.top + bbox.height - 6 * ratio);
    ctx.fillStyle = of(index) > 0 ? look.up : look.dn;
    ctx.textAlign = late ? "right" : "left";
    ctx.fillText(text(index), late ? x - half - 5 * ratio : x + half + 5 * ratio, y);
  }
  ctx.restore();
}
