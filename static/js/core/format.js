/**
 * How a figure is written on the screen. `dashboard/templatetags/figures.py` does the same for the first paint, and both
 * are held to `tests/samples/format.json`. A figure is a number or its exact text; nothing is calculated here.
 */

import { counted, say, word } from "app/core/words.js";

/**
 * What formatting depends on besides the value: `zone` is where the person is, `masked` hides money.
 * @typedef {{places: number, now: Date, locale: string, zone: string, masked: boolean}} Setting
 */
/** @typedef {number | string} Figure */

export const DASH = "–";
const MINUS = "−";
const THIN = "\u202f";
const SPACE = "\u00a0";
const BLANK_DIGIT = "\u2007";
const PRICE_PLACES = 5;
const MASK = "•••";
const MONEY = new Set(["money", "signed-money", "money-3", "signed-money-3", "size"]);

/** @type {Map<string, Intl.NumberFormat>} */
const formatters = new Map();

/**
 * Rounded half away from zero, grouped by the locale; the sign of what is left after rounding.
 * @param {Figure} value
 * @param {number} places
 * @param {Setting} setting
 */
export function fixed(value, places, setting, signed = false) {
  const key = `${setting.locale} ${places} ${signed}`;
  let formatter = formatters.get(key);
  if (!formatter) {
    formatter = new Intl.NumberFormat(setting.locale, {
      minimumFractionDigits: places,
      maximumFractionDigits: places,
      useGrouping: "always",
      signDisplay: signed ? "exceptZero" : "negative",
    });
    formatters.set(key, formatter);
  }
  return formatter
    .formatToParts(/** @type {any} */ (value))
    .map((part) => {
      if (part.type === "minusSign") return MINUS;
      return part.type === "group" ? part.value.replace("\u00a0", THIN) : part.value;
    })
    .join("");
}

/**
 * Digits before and after the point, without empty zeros.
 * @param {Figure} value
 */
function digits(value) {
  let text = String(value).replace("-", "");
  if (/e/i.test(text)) text = Number(text).toFixed(20);
  const [whole, rest = ""] = text.split(".");
  return { whole: whole.replace(/^0+/, ""), rest: rest.replace(/0+$/, "") };
}

/** @param {{whole: string, rest: string}} parts */
const leadingZeros = ({ whole, rest }) => (whole ? 0 : rest.length - rest.replace(/^0+/, "").length);

/**
 * Decimals that show five significant digits, up to six where the price has more; at least two.
 * @param {Figure} value
 */
export function pricePlaces(value) {
  const parts = digits(value);
  const least = Math.min(Math.max(5 - parts.whole.length, 2), PRICE_PLACES);
  const most = Math.max(6 - parts.whole.length + leadingZeros(parts), 2);
  return Math.max(least, Math.min(parts.rest.length, most));
}

/**
 * @param {Figure} value
 * @param {Setting} setting
 */
function price(value, setting) {
  const places = pricePlaces(value);
  return fixed(value, places, setting) + BLANK_DIGIT.repeat(Math.max(PRICE_PLACES - places, 0));
}

/**
 * @param {Figure} value
 * @param {Setting} setting
 */
function size(value, setting) {
  const parts = digits(value);
  return fixed(value, Math.min(parts.rest.length, Math.max(6 - parts.whole.length + leadingZeros(parts), 0)), setting);
}

/**
 * Seconds in words: 40 s, 25 m, 2 h 35, 3 d 4 h.
 * @param {Figure} value
 */
export function span(value) {
  const seconds = Math.max(Math.trunc(Number(value)), 0);
  const [minutes, hours, days] = [60, 3600, 86400].map((unit) => Math.floor(seconds / unit));
  if (minutes < 1) return measure(seconds, "s");
  if (hours < 1) return measure(minutes, "m");
  if (days < 1) return `${measure(hours, "h")}${SPACE}${two(minutes % 60)}`;
  return `${measure(days, "d")}${SPACE}${measure(hours % 24, "h")}`;
}

/**
 * @param {number} amount
 * @param {string} unit
 */
const measure = (amount, unit) => `${amount}${SPACE}${word("unit", unit)}`;

/**
 * Time since `value`; seconds up to 120.
 * @param {Figure} value
 * @param {Setting} setting
 */
function age(value, setting) {
  const seconds = Math.max(Math.floor((setting.now.getTime() - new Date(value).getTime()) / 1000), 0);
  return seconds <= 120 ? measure(seconds, "s") : span(seconds);
}

/** @type {Map<string, Intl.DateTimeFormat>} */
const clocks = new Map();

/** @param {string} zone */
function clockOf(zone) {
  let found = clocks.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat("en", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    clocks.set(zone, found);
  }
  return found;
}

/**
 * A date whose UTC parts are what clocks and calendars show where the person is.
 * @param {Figure | Date} value
 * @param {Setting} setting
 */
export function local(value, { zone }) {
  const at = new Date(value);
  if (zone === "UTC" || Number.isNaN(at.getTime())) return at;
  /** @type {Map<string, number>} */
  const parts = new Map(clockOf(zone).formatToParts(at).map(({ type, value: text }) => [type, Number(text)]));
  const [year, month, day, hour, minute, second] = ["year", "month", "day", "hour", "minute", "second"].map(
    (name) => parts.get(name) ?? 0,
  );
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second));
}

/** @param {Setting} setting */
export const zoneName = ({ zone }) => zone.replaceAll("_", " ");

/** @param {number} value */
const two = (value) => String(value).padStart(2, "0");
/** @param {Date} at */
const hours = (at) => `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;

/** The short name of a month. @param {number} number 1 to 12 */
export const monthName = (number) => word("month", String(number));

/**
 * By a pattern of the words, as the server writes it: months and their order are not those of the browser.
 * @param {Date} at
 * @param {"day" | "day_of_year" | "month"} pattern
 */
const date = (at, pattern) => say("date", pattern, { day: String(at.getUTCDate()), month: monthName(at.getUTCMonth() + 1), year: String(at.getUTCFullYear()) });

/**
 * 2 Aug; with its year if that is another one.
 * @param {Figure} value
 * @param {Setting} setting
 */
function day(value, setting) {
  const at = local(value, setting);
  return date(at, at.getUTCFullYear() === local(setting.now, setting).getUTCFullYear() ? "day" : "day_of_year");
}

/**
 * 14:40 today, 2 Aug this year, else Aug 2006.
 * @param {Figure} value
 * @param {Setting} setting
 */
function time(value, setting) {
  const [at, now] = [local(value, setting), local(setting.now, setting)];
  if (at.toISOString().slice(0, 10) === now.toISOString().slice(0, 10)) return hours(at);
  if (at.getUTCFullYear() === now.getUTCFullYear()) return day(value, setting);
  return date(at, "month");
}

/**
 * @param {Figure} value
 * @param {Setting} setting
 */
export function exactTime(value, setting) {
  const at = local(value, setting);
  return `${date(at, "day_of_year")}, ${hours(at)}:${two(at.getUTCSeconds())} ${zoneName(setting)}`;
}

/**
 * What a symbol is traded against: `ETC/USDT:USDT` is a perpetual in USDT.
 * @param {string} symbol
 */
function quote(symbol) {
  const [rest, settle] = symbol.slice(symbol.indexOf("/") + 1 || symbol.length).split(":");
  return settle ? `${rest} perp` : rest;
}

/**
 * @param {number} places
 * @returns {(value: Figure, setting: Setting) => string}
 */
const decimals = (places, signed = false) => (value, setting) => fixed(value, places, setting, signed);
/**
 * @param {number} places
 * @returns {(value: Figure, setting: Setting) => string}
 */
const percent = (places, signed = false) => (value, setting) => `${fixed(value, places, setting, signed)}${THIN}%`;

/** @type {Record<string, (value: Figure, setting: Setting) => string>} */
const FORMATS = {
  text: (value) => String(value),
  list: (value) => [value].flat().join(", "),
  count: decimals(0),
  money: (value, setting) => fixed(value, setting.places, setting),
  "signed-money": (value, setting) => fixed(value, setting.places, setting, true),
  "money-3": (value, setting) => fixed(value, setting.places + 1, setting),
  "signed-money-3": (value, setting) => fixed(value, setting.places + 1, setting, true),
  percent: percent(2),
  "signed-percent": percent(2, true),
  "percent-1": percent(1),
  "number-1": decimals(1),
  "number-2": decimals(2),
  "signed-number-2": decimals(2, true),
  "signed-r": decimals(3, true),
  price,
  size,
  span,
  age,
  clock: (value, setting) => hours(local(value, setting)),
  "exact-clock": (value, setting) => {
    const at = local(value, setting);
    return `${hours(at)}:${two(at.getUTCSeconds())}`;
  },
  day,
  time,
  base: (value) => String(value).split("/")[0],
  quote: (value) => quote(String(value)),
};

const WORDY = new Set(["text", "list", "quote"]);
/** Formats that go on changing while nothing happens. */
export const AGEING = new Set(["age"]);

/** @param {unknown} value */
const unknown = (value) => value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

/**
 * The text of a value; an en dash for what is unknown.
 * @param {string} kind
 * @param {any} value
 * @param {Setting} setting
 */
export function write(kind, value, setting) {
  if (unknown(value)) return WORDY.has(kind) ? "" : DASH;
  if (kind.startsWith("word:")) return word(kind.slice(5), String(value));
  if (kind.startsWith("count:")) return counted(kind.slice(6), Number(value), fixed(value, 0, setting), setting.locale);
  if (setting.masked && MONEY.has(kind)) return MASK;
  return FORMATS[kind](value, setting);
}

/**
 * up, down or zero, as the rounded figure is; none for what is unknown.
 * @param {string} kind
 * @param {any} value
 * @param {Setting} setting
 */
export function sign(kind, value, setting) {
  if (unknown(value)) return "none";
  const text = write(kind, value, { ...setting, masked: false });
  if (text.startsWith(MINUS)) return "down";
  return text.startsWith("+") ? "up" : "zero";
}
