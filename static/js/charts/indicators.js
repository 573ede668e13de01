/** What is calculated from candles. Each value stands at the candle that it is known with; null until there are enough. */

/** @typedef {(number | null)[]} Values */

/**
 * The mean of the last `length` values.
 * @param {number[]} values
 * @param {number} length
 * @returns {Values}
 */
export function sma(values, length) {
  let sum = 0;
  return values.map((value, index) => {
    sum += value - (index >= length ? values[index - length] : 0);
    return index + 1 < length ? null : sum / length;
  });
}

/**
 * The mean in which each value weighs 2 / (length + 1); it begins with the plain mean of the first `length`.
 * @param {number[]} values
 * @param {number} length
 * @returns {Values}
 */
export function ema(values, length) {
  const weight = 2 / (length + 1);
  let mean = values.slice(0, length).reduce((sum, value) => sum + value, 0) / length;
  return values.map((value, index) => {
    if (index + 1 < length) return null;
    if (index >= length) mean += (value - mean) * weight;
    return mean;
  });
}

/**
 * The mean of the last `length` values, and `width` standard deviations (of the whole, not of a sample) around it.
 * @param {number[]} values
 * @param {number} length
 * @param {number} width
 * @returns {{middle: Values, upper: Values, lower: Values}}
 */
export function bollinger(values, length, width) {
  const middle = sma(values, length);
  const away = middle.map((mean, index) => {
    if (mean === null) return null;
    const around = values.slice(index + 1 - length, index + 1).reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return width * Math.sqrt(around / length);
  });
  const beside = (/** @type {1 | -1} */ side) => middle.map((mean, index) => (mean === null ? null : mean + side * Number(away[index])));
  return { middle, upper: beside(1), lower: beside(-1) };
}

/**
 * The share of rises in all moves, 0 to 100, both smoothed by Wilder's mean; 50 where nothing moved.
 * @param {number[]} values
 * @param {number} length
 * @returns {Values}
 */
export function rsi(values, length) {
  const moves = values.map((value, index) => (index ? value - values[index - 1] : 0));
  const [rises, falls] = [1, -1].map((side) => wilder(moves.map((move) => Math.max(move * side, 0)), length));
  return rises.map((rise, index) => {
    const fall = falls[index];
    if (rise === null || fall === null) return null;
    return rise + fall > 0 ? (100 * rise) / (rise + fall) : 50;
  });
}

/**
 * Wilder's mean of the moves, the first of which has nothing before it.
 * @param {number[]} moves
 * @param {number} length
 * @returns {Values}
 */
function wilder(moves, length) {
  let mean = moves.slice(1, length + 1).reduce((sum, move) => sum + move, 0) / length;
  return moves.map((move, index) => {
    if (index < length) return null;
    if (index > length) mean += (move - mean) / length;
    return mean;
  });
}
