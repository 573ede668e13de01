/** Painters of what is not text: tapes, the state of a bot, the excursion glyph. */

import { painter } from "app/core/bind.js";

/**
 * @param {Element} svg
 * @param {string[]} states
 */
function paintTape(svg, states) {
  const ticks = svg.children;
  states.forEach((state, index) => {
    const tick = ticks[index];
    if (tick && tick.getAttribute("class") !== state) tick.setAttribute("class", state);
  });
}

/**
 * Entry and exit between the lowest and the highest price, as x in pixels of 112; null if a price is unknown.
 * @param {any} trade
 */
export function glyph(trade) {
  const prices = [trade.lowest_price, trade.entry_price, trade.exit_price, trade.highest_price];
  if (prices.some((price) => price === null || price === undefined)) return null;
  const [lowest, entry, exit, highest] = prices.map(Number);
  const low = Math.min(lowest, entry, exit);
  const high = Math.max(highest, entry, exit);
  const x = (/** @type {number} */ price) => (high > low ? 4 + ((price - low) / (high - low)) * 104 : 56).toFixed(1);
  return { entry: x(entry), exit: x(exit) };
}

/**
 * @param {Element} svg
 * @param {any} trade
 */
function paintGlyph(svg, trade) {
  const places = glyph(trade);
  const [track, move, entry, exit] = svg.children;
  track.setAttribute("d", places ? "M4 8h104" : "");
  move.setAttribute("d", places ? `M${places.entry} 8H${places.exit}` : "");
  entry.setAttribute("d", places ? `M${places.entry} 3.5v9` : "");
  if (places) exit.setAttribute("cx", places.exit);
  else exit.removeAttribute("cx");
  exit.setAttribute("cy", "8");
  exit.setAttribute("r", places ? "3" : "0");
  const result = Number(trade.net_pnl ?? 0);
  svg.setAttribute("data-sign", result > 0 ? "up" : result < 0 ? "down" : "zero");
}

painter("asset", (cell, row) => cell.closest("[data-row]")?.setAttribute("data-show-key", `asset-${row.symbol}`));
painter("pulse", (svg, scope) => paintTape(svg, scope.pulse.tape));
painter("tape", (svg, bot) => paintTape(svg, bot.tape));
painter("status", (element, bot) => element.setAttribute("data-state", bot.liveness));
painter("glyph", paintGlyph);
