/** Which module knows a kind of chart. It is loaded when a page shows one, and its adapter with it. */

/** @typedef {import("app/charts/kind.js").Kind} Kind */

/** @type {Record<string, () => Promise<{kind: Kind}>>} */
const KINDS = {
  candles: () => import("app/charts/candles.js"),
  equity: () => import("app/charts/equity.js"),
  underwater: () => import("app/charts/underwater.js"),
  distribution: () => import("app/charts/distribution.js"),
  correlation: () => import("app/charts/correlation.js"),
  "rolling-sharpe": async () => ({ kind: (await import("app/charts/rolling.js")).sharpe }),
  "rolling-volatility": async () => ({ kind: (await import("app/charts/rolling.js")).volatility }),
  "rolling-beta": async () => ({ kind: (await import("app/charts/rolling.js")).beta }),
  montecarlo: () => import("app/charts/montecarlo.js"),
  treemap: () => import("app/charts/treemap.js"),
  sunburst: () => import("app/charts/sunburst.js"),
  waterfall: () => import("app/charts/waterfall.js"),
  value: () => import("app/charts/value.js"),
  earned: () => import("app/charts/earned.js"),
  returns: () => import("app/charts/returns.js"),
  daily: async () => ({ kind: (await import("app/charts/returns.js")).daily }),
  sankey: () => import("app/charts/sankey.js"),
  monthly: () => import("app/charts/monthly.js"),
  calendar: () => import("app/charts/calendar.js"),
  hours: () => import("app/charts/hours.js"),
  boxes: () => import("app/charts/boxes.js"),
  excursions: () => import("app/charts/excursions.js"),
  risk_return: () => import("app/charts/risk_return.js"),
  strategy_bars: () => import("app/charts/strategy_bars.js"),
  comparison: () => import("app/charts/comparison.js"),
  "comparison-equity": async () => ({ kind: (await import("app/charts/comparison.js")).equity }),
};

/** @type {Record<Kind["adapter"], () => Promise<any>>} */
const ADAPTERS = {
  timeline: async () => (await import("app/charts/timeline.js")).Timeline,
  candles: async () => (await import("app/charts/candle_figure.js")).CandleFigure,
  figure: async () => (await import("app/charts/figure.js")).Figure,
};

/** @param {string} name */
export async function kindOf(name) {
  const { kind } = await KINDS[name]();
  return { kind, Adapter: await ADAPTERS[kind.adapter]() };
}
