// What echarts.js is built from: npx esbuild entry.js --bundle --minify --format=esm --target=es2022 --legal-comments=none --outfile=echarts.js
import { BarChart, BoxplotChart, CandlestickChart, HeatmapChart, LineChart, PieChart, SankeyChart, ScatterChart, SunburstChart, TreemapChart } from "echarts/charts";
import { AriaComponent, AxisPointerComponent, CalendarComponent, DataZoomInsideComponent, GraphicComponent, GridComponent, MarkAreaComponent, MarkLineComponent, MarkPointComponent, TitleComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { getInstanceByDom, init, use } from "echarts/core";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";

use([
  BarChart, BoxplotChart, CandlestickChart, HeatmapChart, LineChart, PieChart, SankeyChart, ScatterChart, SunburstChart, TreemapChart,
  AriaComponent, AxisPointerComponent, CalendarComponent, DataZoomInsideComponent, GraphicComponent, GridComponent, MarkAreaComponent,
  MarkLineComponent, MarkPointComponent, TitleComponent, TooltipComponent, VisualMapComponent, CanvasRenderer, SVGRenderer,
]);
export { getInstanceByDom, init };
