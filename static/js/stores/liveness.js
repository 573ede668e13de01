/**
 * Is a bot alive? `dashboard/liveness.py` says the same on the server; both are held to `tests/samples/liveness.json`.
 */

/** @typedef {"beat" | "miss" | "none"} Tick */

const LATE_AFTER = 2;
const SILENT_AFTER = 10;
const GRACE = 5;
export const TICKS = 72;
export const SLOT = 300_000;
const RANK = { none: 0, beat: 1, miss: 2 };

/**
 * live, late or offline by the age of the last beat; paused, stopped or error while it says so itself.
 * @param {any} bot
 * @param {Date} now
 */
export function liveness(bot, now) {
  if (!bot.last_seen) return "offline";
  const silent = (now.getTime() - Date.parse(bot.last_seen)) / 1000 - GRACE;
  if (silent > SILENT_AFTER * bot.expected_interval) return bot.state === "stopped" ? "stopped" : "offline";
  if (["paused", "stopped", "error"].includes(bot.state)) return bot.state;
  return silent > LATE_AFTER * bot.expected_interval ? "late" : "live";
}

/**
 * @param {any} bot
 * @param {Date} now
 */
export function isAlive(bot, now) {
  return ["live", "late", "paused"].includes(liveness(bot, now));
}

/**
 * One word per slot, oldest first: beat, miss (the first empty slot of a silence) or none.
 * @param {number[]} beats
 * @param {boolean} alive
 */
export function tape(beats, alive) {
  /** @type {Tick[]} */
  const words = [];
  beats.forEach((count, index) => {
    const newest = index === beats.length - 1;
    if (count || (newest && alive)) words.push("beat");
    else words.push(words.at(-1) === "beat" && !newest ? "miss" : "none");
  });
  return words;
}

/** @param {Tick[]} words */
const strongest = (words) => words.reduce((best, word) => (RANK[word] > RANK[best] ? word : best), "none");

/**
 * The tape in 72 ticks; a tick of several slots shows the miss among them.
 * @param {Tick[]} words
 */
export function shown(words) {
  const each = Math.max(Math.floor(words.length / TICKS), 1);
  /** @type {Tick[]} */
  const folded = [];
  for (let at = 0; at < words.length; at += each) folded.push(strongest(words.slice(at, at + each)));
  const last = folded.slice(-TICKS);
  return [...Array(TICKS - last.length).fill("none"), ...last];
}

/**
 * What the top bar says of all bots.
 * @param {any[]} bots
 * @param {Date} now
 */
export function pulse(bots, now) {
  const tapes = bots.map((bot) => tape(bot.beats, isAlive(bot, now)));
  const seen = bots.map((bot) => bot.last_seen).filter(Boolean);
  return {
    bots: bots.length,
    alive: bots.filter((bot) => isAlive(bot, now)).length,
    last_seen: seen.sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1) ?? null,
    tape: shown((tapes[0] ?? []).map((_, index) => strongest(tapes.map((words) => words[index])))),
  };
}

/**
 * Beats as the slots of `now` see them: older slots leave, empty ones come.
 * @param {number[]} beats
 * @param {number} slots how many have begun since
 */
export function advanced(beats, slots) {
  if (slots <= 0) return beats;
  return [...beats, ...Array(Math.min(slots, beats.length)).fill(0)].slice(-beats.length);
}
