/** The part of ECharts that BotV2 uses; options are plain objects as its documentation describes them. */
export interface Chart {
  setOption(option: object, how?: { notMerge?: boolean; lazyUpdate?: boolean }): void;
  resize(size?: { width?: number; height?: number }): void;
  getDataURL(how: { type?: string; pixelRatio?: number; backgroundColor?: string }): string;
  renderToSVGString(): string;
  renderToCanvas(how: { pixelRatio?: number; backgroundColor?: string }): HTMLCanvasElement;
  dispatchAction(action: object): void;
  on(event: string, listener: (event: any) => void): void;
  off(event: string): void;
  dispose(): void;
}
export function init(
  room: HTMLElement | null,
  theme?: object | null,
  how?: { renderer?: "canvas" | "svg"; ssr?: boolean; width?: number; height?: number; devicePixelRatio?: number },
): Chart;
export function getInstanceByDom(room: HTMLElement): Chart | undefined;
