/** Everything that is not lines over time, drawn by ECharts. Tips are drawn too: HTML ones break the content policy. */

import { init } from "echarts";

import { basics } from "app/charts/axes.js";
import { look } from "app/charts/look.js";

export class Figure {
  /** @param {HTMLElement} room */
  constructor(room) {
    this.room = room;
    room.replaceChildren();
    this.chart = init(room, null, { renderer: "canvas" });
    this.observer = new ResizeObserver(() => this.chart.resize());
    this.observer.observe(room);
    this.chart.on("click", (event) => room.dispatchEvent(new CustomEvent("pick", { detail: event, bubbles: true })));
  }

  /** @param {object} option */
  set(option) {
    this.chart.setOption({ ...basics(look()), ...option }, { notMerge: true });
  }

  destroy() {
    this.observer.disconnect();
    this.chart.dispose();
  }
}
