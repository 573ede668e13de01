/**
 * Which candles and marks are held, and what is asked for so that the range that is looked at can be drawn: at most a
 * window of candles, and the marks that are in view.
 */

/**
 * @typedef {{timestamp: string, open: number, high: number, low: number, close: number, volume: number}} Candle
 * @typedef {{from: number, to: number}} Range seconds since 1970; a candle that opens at `to` is outside
 *
 * @typedef {object} Signals the columns of /api/analytics/signals
 * @property {string[]} timestamps
 * @property {(number | string)[]} prices
 * @property {string[]} kinds
 * @property {string[]} actions
 * @property {number[]} trades
 * @property {string[]} strategies
 * @property {(number | string | null)[]} net_pnl
 * @property {(number | string | null)[]} stop_losses
 * @property {(number | string | null)[]} take_profits
 * @property {boolean} has_more
 *
 * @typedef {object} Held
 * @property {string} source what the candles were asked by
 * @property {string} symbol
 * @property {string} timeframe
 * @property {Candle[]} candles oldest first
 * @property {number} last when the newest candle of all opens, in seconds
 * @property {boolean} oldest there are none before
 * @property {Signals} signals
 * @property {Range} marked where the marks were asked for
 */

const SHOWN = (globalThis.innerWidth ?? Infinity) < 768 ? 72 : 160; // as many as can be told apart
const LEAST = 10;
const MARKS = 200;
const LENGTHS = { m: 60, h: 3600, d: 86_400, w: 604_800 };

/** How long a candle lasts, in seconds. @param {string} timeframe */
export const lasts = (timeframe) => parseInt(timeframe, 10) * LENGTHS[/** @type {"m" | "h" | "d" | "w"} */ (timeframe.slice(-1))];

/** @param {string} at */
export const seconds = (at) => Date.parse(at) / 1000;

/** @param {number} at */
const iso = (at) => new Date(at * 1000).toISOString();

/**
 * The first candle that opens at this moment or later.
 * @param {Candle[]} candles
 * @param {number} at seconds
 */
export function indexAt(candles, at) {
  let [low, high] = [0, candles.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (seconds(candles[middle].timestamp) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Which of the held candles are in view: from `first`, before `end`. Without a range all, or the newest.
 * @param {Held} held
 * @param {Range | null} range
 * @param {boolean} [all]
 */
export function visible({ candles }, range, all = false) {
  const most = candles.length;
  if (!range) return { first: all ? 0 : Math.max(most - SHOWN, 0), end: most };
  const end = Math.max(indexAt(candles, range.to), Math.min(LEAST, most));
  return { first: Math.min(indexAt(candles, range.from), Math.max(end - LEAST, 0)), end };
}

/**
 * When a place between candles is; beyond them time goes on as their timeframe does.
 * @param {Held} held
 * @param {number} place 0 is when the first candle opens
 */
export function timeAt({ candles, timeframe }, place) {
  const index = Math.min(Math.max(Math.floor(place), 0), candles.length - 1);
  const begins = seconds(candles[index].timestamp);
  const ends = index + 1 < candles.length && place > 0 ? seconds(candles[index + 1].timestamp) : begins + lasts(timeframe);
  return begins + (place - index) * (ends - begins);
}

/**
 * @param {string} source
 * @param {Record<string, string | number>} changes
 */
function changed(source, changes) {
  const [path, query] = source.split("?");
  const parameters = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) parameters.set(name, String(value));
  return `${path}?${parameters}`;
}

/** @param {string} source */
const limitOf = (source) => Number(new URLSearchParams(source.split("?")[1]).get("limit"));

/**
 * Read what is missing: a window of candles around the range, or only the newest ones, and the marks in view.
 * @param {string} source
 * @param {object} how
 * @param {(address: string) => Promise<any>} how.read
 * @param {Held | null} how.known what is held already
 * @param {Range | null} how.range
 * @param {boolean} how.moved only the range has changed since
 * @returns {Promise<Held>}
 */
export async function load(source, { read, known, range, moved }) {
  const mine = known?.source === source && known.candles.length ? known : null;
  const kept = mine && covers(mine, range);
  const held = !kept ? await around(source, mine, range, read) : moved ? mine : await renewed(mine, read);
  return held.candles.length ? withMarks(held, range, read, moved) : held;
}

/** Whether the candles reach beyond the range, so that there is time to read more. @param {Held} held @param {Range | null} range */
function covers({ candles, last, oldest }, range) {
  const [begins, ends] = [candles[0], candles[candles.length - 1]].map(({ timestamp }) => seconds(timestamp));
  if (!range) return ends >= last;
  const wide = range.to - range.from;
  const margin = Math.max(Math.min(wide, ends - begins - wide), 0) / 4;
  return (oldest || range.from - margin >= begins) && (ends >= last || range.to + margin <= ends);
}

/**
 * A window with the range in its middle, or the newest.
 * @param {string} source
 * @param {Held | null} known
 * @param {Range | null} range
 * @param {(address: string) => Promise<any>} read
 * @returns {Promise<Held>} with the marks that were known
 */
async function around(source, known, range, read) {
  const limit = limitOf(source);
  const spare = known && range ? ((limit - visibleCount(known, range)) / 2) * lasts(known.timeframe) : 0;
  const end = known && range ? range.to + Math.max(spare, 0) : Infinity;
  const older = known && end < known.last;
  const answer = await read(older ? changed(source, { end: iso(end) }) : source);
  const newest = answer.candles.at(-1);
  return {
    signals: known?.signals,
    marked: known?.marked,
    ...answer,
    source,
    last: older ? known.last : newest ? seconds(newest.timestamp) : 0,
    oldest: answer.candles.length < limit,
  };
}

/** @param {Held} held @param {Range} range */
function visibleCount(held, range) {
  return Math.ceil((range.to - range.from) / lasts(held.timeframe));
}

/**
 * The newest candle may have changed, and others may have come; a window that ends earlier stays as it is.
 * @param {Held} held
 * @param {(address: string) => Promise<any>} read
 * @returns {Promise<Held>}
 */
async function renewed(held, read) {
  const ends = held.candles[held.candles.length - 1];
  if (seconds(ends.timestamp) < held.last) return held;
  const limit = limitOf(held.source);
  const answer = await read(changed(held.source, { start: ends.timestamp }));
  if (answer.candles.length >= limit || !answer.candles.length) return around(held.source, held, null, read);
  const all = [...held.candles.slice(0, -1), ...answer.candles];
  return {
    ...held,
    candles: all.slice(-limit),
    last: seconds(answer.candles.at(-1).timestamp),
    oldest: held.oldest && all.length <= limit,
  };
}

/**
 * The marks in view and a view beside it; where those are too many, the ones in view.
 * @param {Held} held
 * @param {Range | null} range
 * @param {(address: string) => Promise<any>} read
 * @param {boolean} moved
 * @returns {Promise<Held>}
 */
async function withMarks(held, range, read, moved) {
  const { first, end } = visible(held, range);
  const [from, to] = [timeAt(held, first), timeAt(held, end)];
  const { marked, signals } = held;
  if (moved && marked && !signals.has_more && from >= marked.from && to <= marked.to) return held;
  const account = new URLSearchParams(held.source.split("?")[1]).get("account") ?? "";
  const asked = async (/** @type {Range} */ within) => {
    const query = { account, symbol: held.symbol, start: iso(within.from), end: iso(within.to), limit: String(MARKS) };
    return { ...held, marked: within, signals: await read(`/api/analytics/signals?${new URLSearchParams(query)}`) };
  };
  const beside = to - from;
  const wide = await asked({ from: from - beside, to: to + beside });
  return wide.signals.has_more ? asked({ from, to }) : wide;
}
