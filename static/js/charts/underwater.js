/** How far below its peak the account was, and when it was worst. */

import { momentAt, spanOf } from "app/charts/focus.js";
import { mixed } from "app/charts/look.js";
import { write } from "app/core/format.js";
import { say, word } from "app/core/words.js";

/** @typedef {{timestamps: string[], drawdown: (number | string)[], max_drawdown: number | string | null, current_drawdown: number | string | null, worst: {peaks: string[], troughs: string[], depths: (number | string)[]}}} Underwater */

/** @type {import("app/charts/kind.js").Kind} */
export const kind = {
  adapter: "timeline",
  pick: (data, { index }, of) => momentAt(data.timestamps[index], of),

  /** @param {Underwater} data */
  empty: (data) => data.timestamps.length < 2,

  /** @param {Underwater} data */
  model(data, { setting, look, focus }) {
    const { troughs, depths } = data.worst;
    return {
      times: data.timestamps.map((at) => Date.parse(at) / 1000),
      lines: [
        {
          name: word("chart", "drawdown"),
          values: data.drawdown.map((fall) => Number(fall) * 100),
          format: "signed-percent",
          colour: look.dn,
          width: 1.25,
          fill: mixed(look.dn, look.panel, 0.16),
          stepped: true,
        },
      ],
      level: { value: 0, text: "" },
      points: troughs.map((at, each) => {
        const depth = Number(depths[each]) * 100;
        return { at: Date.parse(at) / 1000, value: depth, text: `${each + 1}  ${write("signed-percent", depth, setting)}` };
      }),
      span: spanOf(focus),
      within: [null, 0],
      tag: true,
    };
  },

  /** @param {Underwater} data */
  summary(data, { setting }) {
    const [deepest, now] = [data.max_drawdown, data.current_drawdown].map((fall) => write("signed-percent", fall === null ? null : Number(fall) * 100, setting));
    return say("said", "fallen", { deepest, now });
  },

  /** @param {Underwater} data */
  table: (data, { setting }) => ({
    heads: [{ title: word("chart", "time"), time: true }, { title: word("chart", "drawdown"), number: true }],
    rows: data.timestamps.map((at, index) => [at, write("signed-percent", Number(data.drawdown[index]) * 100, setting)]),
  }),
};
