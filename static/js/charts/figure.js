/** Everything that is not lines over time, drawn by ECharts. Tips are drawn too: HTML ones break the content policy. */

import { init } from "echarts";

import { basics } from "app/charts/axes.js";
import { look } from "app/charts/look.js";
import { room as placeFor } from "app/charts/room.js";

export class Figure {
  /** The item that the keys have gone to. @type {any} */
  at = null;
  /** @type {any} */
  #option = {};

  /** @param {HTMLElement} room */
  constructor(room) {
    this.room = room;
    room.replaceChildren();
    this.chart = init(placeFor(room), null, { renderer: "canvas" });
    this.observer = new ResizeObserver(() => this.chart.resize());
    this.observer.observe(room);
    this.chart.on("click", (event) => room.dispatchEvent(new CustomEvent("pick", { detail: event, bubbles: true })));
  }

  /**
   * Go on to another item that may be looked at, and say what it is.
   * @param {number} by
   * @param {(item: any) => boolean} may
   * @returns {string}
   */
  step(by, may) {
    const found = items(this.#option).filter(may);
    if (!found.length) return "";
    const now = found.findIndex((/** @type {any} */ each) => each.seriesIndex === this.at?.seriesIndex && each.dataIndex === this.at?.dataIndex);
    const last = found.length - 1;
    this.at = found[now < 0 ? (by < 0 ? last : 0) : Math.min(Math.max(now + by, 0), last)];
    this.show(found[now], this.at);
    return this.said(this.at);
  }

  /** @param {any} before @param {any} item */
  show(before, item) {
    const place = (/** @type {any} */ { seriesIndex, dataIndex }) => ({ seriesIndex, dataIndex });
    if (before) this.chart.dispatchAction({ type: "downplay", ...place(before) });
    this.chart.dispatchAction({ type: "highlight", ...place(item) });
    this.chart.dispatchAction({ type: "showTip", ...place(item) });
  }

  /** What the tip of an item says. @param {any} item @returns {string} */
  said(item) {
    return this.#option.tooltip?.formatter?.(item) ?? "";
  }

  /** Look closer at the item that the keys have gone to. */
  choose() {
    if (this.at) this.room.dispatchEvent(new CustomEvent("pick", { detail: this.at, bubbles: true }));
  }

  /** @param {object} option */
  set(option) {
    this.#option = option;
    this.chart.setOption({ ...basics(look()), ...option }, { notMerge: true });
  }

  destroy() {
    this.observer.disconnect();
    this.chart.dispose();
  }
}

/**
 * The items of a drawing as its events name them; those of a tree are counted from its root.
 * @param {any} option
 */
function items({ series = [] }) {
  return series.flatMap((/** @type {any} */ { type, data = [] }, /** @type {number} */ seriesIndex) => {
    const all = type === "treemap" || type === "sunburst" ? [null, ...data.flatMap(whole)] : data;
    return all.map((/** @type {any} */ item, /** @type {number} */ dataIndex) => ({ seriesIndex, dataIndex, seriesType: type, data: item, value: item?.value ?? item }));
  });
}

/** @param {any} node */
const whole = (node) => [node, ...(node.children ?? []).flatMap(whole)];
