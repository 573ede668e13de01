/** A chart as a file: 1920 x 1080, opaque, with its title, drawn by ECharts whichever adapter is on the screen. */

import { init } from "echarts";

import { basics, valueAxis } from "app/charts/axes.js";
import { FONT, gain } from "app/charts/look.js";
import { room } from "app/charts/room.js";
import { write } from "app/core/format.js";

/** @typedef {import("app/charts/kind.js").Context} Context */
/** @typedef {import("app/charts/kind.js").LineModel} LineModel */

const SCALE = 1.5; // type of 12 px would be small on a page
const NAMES = 144; // room for names where lines end
const [WIDTH, HEIGHT] = [1920 / SCALE, 1080 / SCALE];

/**
 * @param {import("app/charts/kind.js").Kind} kind
 * @param {any} data
 * @param {Context} context
 * @param {{title: string, format: "png" | "svg"}} how
 * @returns {Promise<Blob>}
 */
export async function picture(kind, data, context, { title, format }) {
  const model = kind.model(data, context);
  const svg = format === "svg";
  const place = room(document.createElement("div"));
  const option = { timeline: () => lines(model, context), candles: () => model.option, figure: () => model }[kind.adapter]();
  const chart = init(svg ? null : place, null, { renderer: svg ? "svg" : "canvas", ssr: svg, width: WIDTH, height: HEIGHT });
  try {
    chart.setOption({
      ...basics(context.look),
      ...option,
      series: [option.series, noted(kind.adapter, model, context)].flat(),
      backgroundColor: context.look.panel,
      title: heading(title, context),
      grid: kind.adapter === "candles" ? option.grid.map(framed) : { left: 24, right: kind.adapter === "timeline" ? NAMES : 24, top: 80, bottom: 24, containLabel: true },
    });
    if (svg) return new Blob([sized(chart.renderToSVGString())], { type: "image/svg+xml" });
    const canvas = chart.renderToCanvas({ pixelRatio: SCALE, backgroundColor: context.look.panel });
    return await new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"),
    );
  } finally {
    chart.dispose();
  }
}

/**
 * The grids of candles below the heading, with room around them.
 * @param {{right: number, bottom: number}} grid
 * @param {number} index
 */
const framed = (grid, index) => ({ ...grid, left: 24, right: grid.right + 24, bottom: grid.bottom + 24, ...(index ? {} : { top: 80 }) });

/**
 * What people wrote on the chart, as lines with their texts.
 * @param {string} adapter
 * @param {any} model
 * @param {Context} context
 */
function noted(adapter, model, { look, notes = [] }) {
  const place = (/** @type {number} */ at) => (adapter === "timeline" ? at * 1000 : model.times.findLastIndex((/** @type {number} */ time) => time <= at));
  const [begin, end] = adapter === "figure" ? [1, 0] : [model.times[0], model.times.at(-1)];
  const shown = notes.map(({ date, text }) => ({ at: Date.parse(date) / 1000, name: text })).filter(({ at }) => at >= begin && at <= end);
  if (!shown.length) return [];
  const label = { color: look.t1, formatter: "{b}", position: "insideEndTop", width: 240, overflow: "truncate" };
  const data = shown.map(({ at, name }) => ({ name, xAxis: place(at) }));
  return [{ type: "line", data: [], markLine: { silent: true, symbol: "none", lineStyle: { color: look.t2, type: [2, 3] }, label, data } }];
}

/**
 * @param {string} title
 * @param {Context} context
 */
function heading(title, { look, unit }) {
  return {
    text: title,
    subtext: unit,
    left: 24,
    top: 16,
    textStyle: { color: look.t1, fontFamily: FONT, fontSize: 16 },
    subtextStyle: { color: look.t3, fontFamily: FONT, fontSize: 12 },
  };
}

/** A drawing laid out small, at its full size. @param {string} svg */
const sized = (svg) => svg.replace(/width="[^"]*" height="[^"]*"/, `width="${WIDTH * SCALE}" height="${HEIGHT * SCALE}"`);

/**
 * A timeline in the words of ECharts.
 * @param {LineModel} model
 * @param {Context} context
 */
function lines(model, { look, setting }) {
  const { format } = model.lines[0];
  return {
    xAxis: {
      type: "time",
      axisLabel: {
        color: look.t3,
        hideOverlap: true,
        formatter: (/** @type {number} */ at) => write("day", new Date(at).toISOString(), setting),
      },
      axisLine: { lineStyle: { color: look.line2 } },
      axisTick: { show: false },
      splitLine: { show: false },
    },
    yAxis: { ...valueAxis(look, (value) => write(format, value, setting)), scale: true },
    series: model.lines.filter(({ values }) => values.some((value) => value !== null)).map((each) => ({
      ...(each.bars ? { type: "bar", barCategoryGap: "24%" } : { type: "line" }),
      name: each.name,
      data: model.times.map((at, index) => {
        const value = [at * 1000, each.values[index]];
        return each.bars ? { value, itemStyle: gain(look, each.values[index] ?? 0) } : value;
      }),
      showSymbol: false,
      step: each.stepped ? "end" : false,
      lineStyle: { color: each.colour, width: each.width ?? 1.75, type: each.dash?.length ? each.dash : "solid" },
      areaStyle: each.fill ? { color: look.accdim, origin: model.level?.value ?? 0 } : undefined,
      endLabel: { show: model.lines.length > 1, formatter: each.name, color: each.colour },
    })),
  };
}
