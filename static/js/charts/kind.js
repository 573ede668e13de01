/**
 * What a kind of chart is: one module that turns the API's answer into a model to draw, a sentence and a table.
 * Kinds are pure. Figures of an answer are numbers or, where a double would lose digits, their texts: `Number(figure)` before
 * calculating, `write(format, figure, setting)` to show. The adapters draw: `timeline` (uPlot), `figure` and `candles` (ECharts).
 *
 * @typedef {import("app/core/format.js").Setting} Setting
 * @typedef {import("app/charts/look.js").Look} Look
 *
 * @typedef {object} Context
 * @property {Setting} setting
 * @property {Look} look
 * @property {string} unit of the values, as the title names it
 * @property {{from: number, to: number} | null} [range] what is in view, in seconds, where the kind itself cuts it out
 * @property {string[]} [shows] what is switched on besides
 * @property {import("app/charts/annotation_marks.js").Annotation[]} [notes] what people wrote on it
 * @property {Focus} [focus] what it is about
 *
 * @typedef {object} Focus moments are in ISO 8601
 * @property {string} [from] a stretch of time
 * @property {string} [to]
 * @property {{at: string, price?: number | string | null, title: string, kind: string}[]} [marks] entry, exit or note
 * @property {{name: string, price: number | string, percent: number | null}[]} [extremes] how far the price went between the marks
 * @property {number} [trade] whose marks alone are shown
 * @property {string | null} [sign] whether what lies between the marks was won or lost
 *
 * @typedef {object} Line one line over the moments of a timeline
 * @property {string} name said where the line ends and in the tip
 * @property {(number | null)[]} values
 * @property {(number | string | null)[]} [texts] the exact figures, where `values` are doubles of them
 * @property {string} format of `app/core/format.js`
 * @property {string} colour
 * @property {number[]} [dash]
 * @property {number} [width] 1.25, and 1.75 for the one that matters
 * @property {boolean | string} [fill] shade between the line and `level`, or zero; in a colour of its own
 * @property {boolean} [stepped] each value holds until the next
 * @property {boolean} [bars] a bar for each UTC day, whose moment is the middle of it
 *
 * @typedef {object} LineModel
 * @property {number[]} times seconds since 1970, ascending
 * @property {Line[]} lines the first is the one that matters
 * @property {{value: number, text: string}} [level] a reference line
 * @property {{from: number, to: number, text: string}} [span] a shaded stretch
 * @property {{at: number, value: number, text: string}[]} [points] moments of the first line that are marked and named
 * @property {[number, number]} [extent] what the whole reaches over, where that is more than from the first to the last moment
 * @property {boolean} [tag] print the last value on the axis
 * @property {[number | null, number | null]} [within] fixed ends of the value axis
 * @property {boolean} [listed] name the lines with their last values in a list at the right; the axis stands at the left
 *
 * @typedef {object} TableModel
 * @property {{title: string, number?: boolean, time?: boolean}[]} heads `time`: its cells are moments in ISO 8601
 * @property {string[][]} rows numbers as they are shown
 *
 * @typedef {object} Kind
 * @property {"timeline" | "figure" | "candles"} adapter
 * @property {(source: string, how: {read: (address: string) => Promise<any>, known: any, range: {from: number, to: number} | null, moved: boolean}) => Promise<any>} [load]
 *   reads what is missing of what it draws, where that is more than one answer
 * @property {(data: any) => boolean} empty
 * @property {(data: any) => number} [height] in pixels, where the data says it
 * @property {(data: any) => number} [newest] where across its width the newest figure stands, 0 to 1, if it may be wider than the screen
 * @property {(data: any, context: Context) => any} model a LineModel, the option of ECharts, or a CandleModel
 * @property {(data: any, context: Context) => string} summary one sentence, for who cannot see it
 * @property {(data: any, context: Context) => TableModel} table
 * @property {(data: any, row: any) => any} [append] the data with one more row of a live event; null asks the server
 * @property {(data: any, event: any, of: string) => string | null} [pick] where an item leads: an address, `?show=trade-12` for a closer
 *   look. The item of a timeline is the `index` of a moment; `of` are the numbers of the strategies that the chart is of
 */

export {};
