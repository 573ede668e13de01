/**
 * What people write on charts: shown on each chart that it was written on, the moment anybody writes it. Operators add,
 * change and delete it, and take it in from a file.
 */

import { address, read, send } from "app/core/api.js";
import { write } from "app/core/format.js";
import { fill } from "app/core/bind.js";
import { word } from "app/core/words.js";
import { clockText, momentOf } from "app/core/zone.js";
import { dialog, explain, onSubmit } from "app/features/dialogs.js";
import { now, setting } from "app/features/live.js";
import { annotatePanels, panelOf } from "app/features/panels.js";
import { closeShown } from "app/features/show.js";
import { toast } from "app/features/toasts.js";

/** @typedef {import("app/charts/annotation_marks.js").Annotation} Annotation */
/** @typedef {import("app/features/live.js").Scope} Scope */

const LISTED = 200; // the snapshot holds no more
const PAGE = 1000;
const AT_ONCE = 500;

/** As the page's rows have them. @type {Annotation[]} */
let listed = [];
/** Those before them, by chart; read where the snapshot had no room. @type {Map<string, Annotation[]>} */
const older = new Map();
/** The one that the dialog is about; null while a new one is written. @type {Annotation | null} */
let opened = null;

/** With every repaint of the page. @param {Scope} scope */
export function showAnnotations(scope) {
  if (scope.annotations === listed) return;
  const full = !older.size && scope.annotations.length >= LISTED;
  listed = scope.annotations;
  show();
  if (full) readOlder();
}

/** @param {{type: string, d?: any}[]} events */
export function hearAnnotations(events) {
  for (const { type, d } of events) {
    if (type !== "annotation" || !older.size) continue;
    for (const [chart, rows] of older) older.set(chart, rows.filter(({ id }) => id !== d.id));
  }
}

/** After a fresh snapshot: what was read beside another one may be no more. */
export const forgetAnnotations = () => older.clear();

function all() {
  const known = new Set(listed.map(({ id }) => id));
  return [...listed, ...[...older.values()].flat().filter(({ id }) => !known.has(id))];
}

const show = () => annotatePanels(all());

async function readOlder() {
  for (const chart of new Set([...document.querySelectorAll("[data-chart-id]")].map((panel) => panel.getAttribute("data-chart-id") ?? ""))) {
    const found = await read(`${address(`annotations/${chart}`)}&limit=${PAGE}`, { fresh: true });
    older.set(chart, found.annotations);
  }
  show();
}

export function startAnnotations() {
  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const act = target.closest("[data-note-act]");
    const panel = /** @type {HTMLElement | null} */ (target.closest("[data-chart-id]"));
    if (act && panel) {
      act.closest("details")?.removeAttribute("open");
      ACTS[act.getAttribute("data-note-act") ?? ""](panel);
    }
    const [changed, gone] = ["data-note-edit", "data-note-delete"].map((name) => target.closest(`[${name}]`)?.getAttribute(name));
    if (changed) open(JSON.parse(changed));
    if (gone) remove(JSON.parse(gone));
  });
  if (!document.querySelector('[data-dialog="annotation"]')) return;
  const form = formOf();
  onSubmit(form, save);
  form.querySelector("[data-delete]")?.addEventListener("click", () => opened && remove(opened));
  const file = fileOf();
  file.addEventListener("change", () => file.files?.[0] && load(file.files[0]).finally(() => (file.value = "")));
}

/** @type {Record<string, (panel: HTMLElement) => void>} */
const ACTS = {
  add: (panel) => ask(panel.dataset.chartId ?? "", panel.querySelector("h2")?.textContent ?? "", { date: iso(panelOf(panel)?.latest ?? null) }),
  load: () => fileOf().click(),
  save: (panel) => location.assign(`${address("export/annotations")}&format=json&chart_id=${encodeURIComponent(panel.dataset.chartId ?? "")}`),
};

const formOf = () => /** @type {HTMLFormElement} */ (dialog("annotation").querySelector("form"));
const fileOf = () => /** @type {HTMLInputElement} */ (document.querySelector("[data-note-file]"));

/** @param {number | null} seconds */
const iso = (seconds) => new Date(seconds === null ? now() : Math.min(seconds * 1000, now().getTime())).toISOString();

/** @param {Annotation} row */
const open = (row) => ask(row.chart_id, "", row);

/**
 * @param {string} chart
 * @param {string} title of the chart
 * @param {Partial<Annotation> & {date: string}} row
 */
function ask(chart, title, row) {
  const asked = dialog("annotation");
  const form = formOf();
  opened = row.id === undefined ? null : /** @type {Annotation} */ (row);
  form.reset();
  form.dataset.chart = chart;
  fill(asked, { title, known: opened !== null }, setting());
  field("date").value = clockText(row.date, setting());
  form.dataset.date = field("date").value; // the browser leaves empty seconds out
  field("text").value = row.text ?? "";
  field("type").value = row.type ?? "custom";
  asked.showModal();
  field("text").focus();
}

/** @param {string} name @returns {any} */
const field = (name) => formOf().elements.namedItem(name);

/** @param {FormData} values */
async function save(values) {
  const form = formOf();
  const at = String(values.get("date"));
  const body = { text: values.get("text"), type: values.get("type"), ...(opened && at === form.dataset.date ? {} : { date: momentOf(at, setting()) }) };
  if (opened) await send("PATCH", address(`annotations/${opened.id}`), body);
  else await send("POST", address("annotations"), { ...body, chart_id: form.dataset.chart });
  dialog("annotation").close();
}

/** @param {Annotation} row */
async function remove(row) {
  dialog("annotation").close();
  await told(async () => {
    closeShown(`annotation-${row.id}`);
    await send("DELETE", address(`annotations/${row.id}`));
    const { chart_id, date, text, type, color, icon } = /** @type {any} */ (row);
    const again = () => told(() => send("POST", address("annotations"), { chart_id, date, text, type, color, icon }));
    const detail = `${write("day", date, setting())}, ${write("clock", date, setting())}`;
    toast(word("told", "deleted"), { detail, action: { title: word("told", "undo"), run: again } });
  });
}

/**
 * A list of annotations, or an export as it is.
 * @param {File} file
 */
async function load(file) {
  await told(async () => {
    const rows = rowsOf(await file.text());
    if (!rows) return toast(word("told", "not_annotations"), { detail: file.name, warning: true });
    const counts = { created: 0, duplicate: 0, invalid: 0 };
    for (let at = 0; at < rows.length; at += AT_ONCE) {
      const { summary } = await send("POST", address("annotations/import"), rows.slice(at, at + AT_ONCE));
      for (const name of /** @type {(keyof typeof counts)[]} */ (Object.keys(counts))) counts[name] += summary[name] ?? 0;
    }
    const said = { created: "new_annotations", duplicate: "known_annotations", invalid: "refused_annotations" };
    const named = /** @type {(keyof typeof counts)[]} */ (Object.keys(counts)).filter((name) => counts[name] || name === "created");
    const detail = named.map((name) => write(`count:${said[name]}`, counts[name], setting())).join(", ");
    toast(word("told", "imported"), { detail, warning: counts.invalid > 0 });
  });
}

/** @param {string} text @returns {any[] | null} */
function rowsOf(text) {
  try {
    const found = JSON.parse(text);
    const rows = Array.isArray(found) ? found : found?.annotations;
    return Array.isArray(rows) && rows.length ? rows : null;
  } catch {
    return null;
  }
}

/** Do it, and say what went wrong. @param {() => Promise<any>} work */
async function told(work) {
  try {
    await work();
  } catch (error) {
    toast(word("told", "not_done"), { detail: explain(error), warning: true });
  }
}
