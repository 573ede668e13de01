/** The figures of a chart as a table, for who wants to read them. */

import { write } from "app/core/format.js";

const MOST = 500;

/**
 * @param {import("app/charts/kind.js").TableModel} model
 * @param {string} title
 * @param {import("app/core/format.js").Setting} setting
 */
export function tableOf({ heads, rows }, title, setting) {
  const table = document.createElement("table");
  table.className = "dense";
  table.append(Object.assign(document.createElement("caption"), { textContent: title, className: "visually-hidden" }));
  const head = table.createTHead().insertRow();
  for (const each of heads) {
    const cell = Object.assign(document.createElement("th"), { textContent: each.title, scope: "col" });
    if (each.number) cell.className = "n";
    head.append(cell);
  }
  const body = table.createTBody();
  // The newest are what is looked for; a file holds them all.
  for (const row of rows.slice(-MOST)) {
    const line = body.insertRow();
    row.forEach((text, index) => {
      const cell = line.insertCell();
      cell.textContent = heads[index].time ? `${write("day", text, setting)} ${write("clock", text, setting)}` : text;
      if (heads[index].number) cell.className = "n";
    });
  }
  return table;
}
