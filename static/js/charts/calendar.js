/** What each day brought: a column a week, a row a weekday. */

import { nameAxis, tooltip } from "app/charts/axes.js";
import { momentAt } from "app/charts/focus.js";
import { cells, heat, inPercent, largest } from "app/charts/heat.js";
import { monthName, write } from "app/core/format.js";
import { say, word } from "app/core/words.js";

/** @typedef {import("app/core/format.js").Setting} Setting */
/** @typedef {number | string} Figure */
/** @typedef {{dates: string[], returns: (Figure | null)[], net_pnl: Figure[], trades: number[]}} Returns */

const DAY = 86_400_000;
const DAYS = 7;
const [FEWEST_WEEKS, MOST_WEEKS] = [27, 53];
const HEIGHT = 196;

/** The number of the day since 1970, which began on a Thursday. @param {string} date */
const dayOf = (date) => Date.parse(date) / DAY + 3;

/** @type {import("app/charts/kind.js").Kind} */
export const kind = {
  adapter: "figure",
  pick: (data, { data: item }, of) => momentAt(data.dates[item?.day], of),

  /** @param {Returns} data */
  empty: (data) => data.dates.length === 0,

  height: () => HEIGHT,

  /** @param {Returns} data */
  model(data, { setting, look }) {
    const values = figures(data);
    const most = largest(values);
    const last = Math.floor(dayOf(data.dates[data.dates.length - 1]) / DAYS);
    const count = Math.min(Math.max(last - Math.floor(dayOf(data.dates[0]) / DAYS) + 1, FEWEST_WEEKS), MOST_WEEKS);
    const first = last - count + 1;
    const shown = data.dates.map((date, index) => ({ date, index, week: Math.floor(dayOf(date) / DAYS) - first, weekday: dayOf(date) % DAYS })).filter(({ week }) => week >= 0);
    const known = new Set(shown.map(({ week, weekday }) => week * DAYS + weekday));
    const others = Array.from({ length: count * DAYS }, (_, place) => place).filter((place) => !known.has(place));
    const axis = { ...nameAxis(look, Array.from({ length: count }, (_, week) => monthBegins(first + week))), axisLine: { show: false } };
    const weekdays = Array.from({ length: DAYS }, (_, weekday) => word("weekday", String(weekday + 1)));
    return {
      grid: { left: 8, right: 8, top: 4, bottom: 4, containLabel: true },
      xAxis: { ...axis, position: "top", axisLabel: { ...axis.axisLabel, interval: 0, hideOverlap: false, align: "left" } },
      yAxis: { ...nameAxis(look, weekdays), axisLine: { show: false }, inverse: true },
      tooltip: {
        ...tooltip(look),
        formatter: (/** @type {{data: {day?: number}}} */ { data: { day } }) => (day === undefined ? "" : tip(data, day, setting)),
      },
      series: [
        {
          ...cells(look),
          data: [
            ...others.map((place) => ({ value: [Math.floor(place / DAYS), place % DAYS, 0], itemStyle: { color: look.grid, opacity: 0.5 }, emphasis: { disabled: true } })),
            ...shown.map(({ index, week, weekday }) => ({
              value: [week, weekday, 0],
              day: index,
              itemStyle: { color: values[index] ? heat(look, values[index], most) : look.grid },
            })),
          ],
        },
      ],
    };
  },

  /** @param {Returns} data */
  summary(data, { setting }) {
    const values = figures(data);
    const said = (/** @type {number} */ index) => `${write("day", data.dates[index], setting)} ${told(data, index, setting)}`;
    const [best, worst] = [Math.max(...values), Math.min(...values)].map((value) => values.indexOf(value));
    return say("said", "best_worst", { best: said(best), worst: said(worst) });
  },

  /** @param {Returns} data */
  table: (data, { setting }) => ({
    heads: ["day", "result", "net_pnl", "trades"].map((name, index) => ({ title: word("chart", name), number: index > 0 })),
    rows: data.dates.map((date, index) => [
      date,
      write("signed-percent", share(data.returns[index]), setting),
      write("signed-money", data.net_pnl[index], setting),
      write("count", data.trades[index], setting),
    ]),
  }),
};

/** @param {Figure | null} value */
const share = (value) => (value === null ? null : Number(value) * 100);

/** @param {Returns} data */
const figures = (data) => (inPercent(data) ? data.returns.map((value) => Number(value ?? 0)) : data.net_pnl.map(Number));

/**
 * @param {Returns} data
 * @param {number} index
 * @param {Setting} setting
 */
const told = (data, index, setting) => (inPercent(data) ? write("signed-percent", share(data.returns[index]), setting) : write("signed-money", data.net_pnl[index], setting));

/** The name of the month that begins in this week. @param {number} week */
function monthBegins(week) {
  const monday = new Date((week * DAYS - 3) * DAY);
  const sunday = new Date(monday.getTime() + (DAYS - 1) * DAY);
  return sunday.getUTCDate() <= DAYS ? monthName(sunday.getUTCMonth() + 1) : "";
}

/**
 * @param {Returns} data
 * @param {number} index
 * @param {Setting} setting
 */
function tip(data, index, setting) {
  const lines = [write("day", data.dates[index], setting)];
  if (data.returns[index] !== null) lines.push(write("signed-percent", share(data.returns[index]), setting));
  lines.push(write("signed-money", data.net_pnl[index], setting), write("count:trades", data.trades[index], setting));
  return lines.join("\n");
}
