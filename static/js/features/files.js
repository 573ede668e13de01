/** A chart saved as a file: a picture, or its figures. */

import { fileSafe } from "app/core/text.js";

/** @typedef {{kind: import("app/charts/kind.js").Kind, data: any, context: import("app/charts/kind.js").Context, title: string}} Chart */

/**
 * @param {string} format png, svg, csv or json
 * @param {Chart} chart
 */
export async function save(format, chart) {
  const name = `${fileSafe(document.body.dataset.account ?? "")}-${fileSafe(chart.title)}.${format}`;
  download(await made(format, chart), name);
}

/**
 * @param {string} format
 * @param {Chart} chart
 * @returns {Promise<Blob>}
 */
async function made(format, { kind, data, context, title }) {
  if (format === "json") return new Blob([JSON.stringify(data, null, 2)], { type: "application/json" });
  if (format === "csv") return new Blob(["\ufeff", csv(kind.table(data, context))], { type: "text/csv" });
  const { picture } = await import("app/charts/picture.js");
  return picture(kind, data, context, { title, format: format === "svg" ? "svg" : "png" });
}

/**
 * Cells that a spreadsheet would calculate are made text, as in the server's exports.
 * @param {import("app/charts/kind.js").TableModel} table
 */
function csv({ heads, rows }) {
  const cell = (/** @type {string} */ text, /** @type {boolean | undefined} */ number) => {
    const plain = number ? text.replaceAll("\u2212", "-").replace(/[\u202f\u00a0%]/g, "") : text;
    const safe = !number && /^[=+\-@\t\r]/.test(plain) ? `'${plain}` : plain;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const lines = [heads.map(({ title }) => cell(title, false)), ...rows.map((row) => row.map((text, index) => cell(text, heads[index].number)))];
  return lines.map((line) => `${line.join(",")}\r\n`).join("");
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
