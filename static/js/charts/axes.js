/** What figures are made of: type, axes and tips. Pure, as the kinds that use it. */

import { FONT, FONT_SIZE } from "app/charts/look.js";
import { fixed } from "app/core/format.js";

/** @typedef {import("app/charts/look.js").Look} Look */

/**
 * What all figures share.
 * @param {Look} found
 */
export function basics(found) {
  return {
    animation: false,
    textStyle: { fontFamily: FONT, fontSize: FONT_SIZE, color: found.t2 },
    grid: { left: 8, right: 8, top: 12, bottom: 8, containLabel: true },
    tooltip: tooltip(found),
  };
}

/** @param {Look} found */
export function tooltip(found) {
  return {
    renderMode: "richText",
    confine: true,
    backgroundColor: found.pop,
    borderColor: found.line2,
    borderWidth: 1,
    borderRadius: 6,
    padding: [8, 12],
    textStyle: { color: found.t1, fontFamily: FONT, fontSize: FONT_SIZE, lineHeight: 18 },
  };
}

/**
 * An axis of numbers: no line, few quiet ticks; `zero` marks where it is.
 * @param {Look} found
 * @param {(value: number) => string} label
 */
export function valueAxis(found, label) {
  return {
    type: "value",
    splitNumber: 4,
    axisLabel: { color: found.t3, fontSize: FONT_SIZE, formatter: label, hideOverlap: true },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: found.grid } },
  };
}

/**
 * A round number of percent on an axis, with as many decimals as it has.
 * @param {import("app/core/format.js").Setting} setting
 */
export const percentLabel = (setting, signed = false) => (/** @type {number} */ value) => {
  const round = Number(value.toFixed(6));
  return `${fixed(round, String(round).split(".")[1]?.length ?? 0, setting, signed)}\u202f%`;
};

/**
 * @param {Look} found
 * @param {string[]} names
 */
export function nameAxis(found, names) {
  return {
    type: "category",
    data: names,
    axisLabel: { color: found.t3, fontSize: FONT_SIZE, hideOverlap: true },
    axisLine: { lineStyle: { color: found.line2 } },
    axisTick: { show: false },
    splitLine: { show: false },
  };
}
