/** Files brought in the browser: looked at first, then imported, and taken back if they were the wrong ones. */

import { address, read, send, upload } from "app/core/api.js";
import { write } from "app/core/format.js";
import { say, word } from "app/core/words.js";
import { ask, attempt, dialog, explain } from "app/features/dialogs.js";
import { setting } from "app/features/live.js";
import { refreshParts } from "app/features/visit.js";

const LOOK = 1000;
const TYPING = 600;
const HEAD = 4096;
const CANDLE = ["open", "high", "low", "close"];

/** @param {any} value */
const count = (value) => write("count", value, setting());

/** @param {string} code @param {any} value */
const counted = (code, value) => write(`count:${code}`, value, setting());

/** @param {string} code @param {Record<string, string>} values */
const told = (code, values = {}) => say("import", code, values);

/**
 * What a file seems to hold; the person has the last word.
 * @param {File} file
 */
async function guess(file) {
  if (/\.(json|zip)(\.gz)?$/i.test(file.name)) return "freqtrade";
  const [head] = (await file.slice(0, HEAD).text()).toLowerCase().split("\n", 1);
  if (CANDLE.every((name) => head.includes(name))) return "candles";
  return /^\s*[{[]/.test(head) ? "freqtrade" : "trades";
}

class Importing {
  /** @type {File | null} */
  file = null;
  /** @type {AbortController | null} */
  running = null;
  /** The import that was made, which may be taken back. @type {number | null} */
  run = null;

  constructor() {
    this.dialog = dialog("import");
    this.form = /** @type {HTMLFormElement} */ (this.dialog.querySelector("form"));
    this.button = /** @type {HTMLButtonElement} */ (this.part("[data-import]"));
    this.undo = /** @type {HTMLButtonElement} */ (this.part("[data-undo]"));
    this.button.addEventListener("click", () => this.record());
    this.undo.addEventListener("click", () => this.takeBack());
    this.form.addEventListener("submit", (event) => event.preventDefault());
    /** @type {any} */
    let typing = null;
    this.form.addEventListener("input", (event) => {
      clearTimeout(typing);
      const typed = event.target instanceof HTMLInputElement && event.target.type === "text";
      typing = setTimeout(() => this.look(), typed ? TYPING : 0);
    });
    this.dialog.addEventListener("close", () => this.running?.abort());
  }

  /** @param {string} selector */
  part(selector) {
    return /** @type {HTMLElement} */ (this.dialog.querySelector(selector));
  }

  /** @param {File} file */
  async open(file) {
    this.file = file;
    this.run = null;
    this.part("[data-file]").textContent = file.name;
    const kind = await guess(file);
    for (const radio of this.form.querySelectorAll("input[type=radio]")) {
      /** @type {HTMLInputElement} */ (radio).checked = /** @type {HTMLInputElement} */ (radio).value === kind;
    }
    this.form.hidden = false;
    if (!this.dialog.open) this.dialog.showModal();
    await this.look();
  }

  /**
   * The address that a file goes to; null while something is missing.
   * @param {string} route
   */
  path(route) {
    const values = new FormData(this.form);
    const kind = String(values.get("kind"));
    const query = new URLSearchParams({ kind, name: this.file?.name.slice(0, 255) ?? "" });
    if (kind === "candles") {
      for (const name of ["symbol", "timeframe", "exchange"]) {
        const value = String(values.get(name) ?? "").trim();
        if (value) query.set(name, value);
      }
      if (!query.has("symbol")) return null;
    }
    return `${address(route)}&${query}`;
  }

  async look() {
    this.running?.abort();
    this.button.disabled = true;
    this.part("[data-outcome]").hidden = true;
    this.problem("");
    const path = this.path("imports/preview");
    if (!path) return this.progress(null);
    const found = await this.send(path, () => this.progress(null, told("judging")));
    if (!found) return;
    const rows = found.created + found.updated;
    this.show(found);
    this.part("[data-import-text]").textContent = rows ? counted("import_rows", rows) : told("nothing");
    this.button.hidden = false;
    this.undo.hidden = this.part("[data-result]").hidden = true;
    this.button.disabled = rows === 0;
    if (rows) this.button.focus();
  }

  async record() {
    const path = this.path("imports");
    if (!path) return;
    this.button.disabled = true;
    let asked = false;
    const watch = setInterval(async () => {
      if (asked) return;
      asked = true;
      const last = await read(`${address("imports")}&limit=1`, { fresh: true }).catch(() => null);
      asked = false;
      const file = last?.imports[0]?.result.alive_at && last.imports[0].result.files?.[0];
      if (file && this.running) this.progress(null, counted("rows_recorded", file.created + file.updated + file.skipped));
    }, LOOK);
    const made = await this.send(path, () => this.progress(null, counted("rows_recorded", 0)));
    clearInterval(watch);
    refreshParts();
    if (!made) {
      this.button.disabled = false;
      return;
    }
    const [file] = made.result.files;
    this.run = made.id;
    this.form.hidden = true;
    this.show(file);
    this.result(told(file.error ? "partly" : "done"));
    this.button.hidden = true;
    this.undo.hidden = false;
  }

  async takeBack() {
    const run = this.run;
    if (run === null) return;
    await attempt(async () => {
      const row = await undone(run, (done) => this.progress(null, counted("rows_undoing", done)));
      this.progress(null);
      this.undo.hidden = true;
      if (row) this.result(counted("rows_undone", row));
    });
  }

  /**
   * Send the file; null if it was refused, which is told, or the person went on to something else.
   * @param {string} path
   * @param {() => void} sent
   */
  async send(path, sent) {
    const running = (this.running = new AbortController());
    try {
      return await upload(path, /** @type {File} */ (this.file), {
        signal: running.signal,
        progress: (share) => (share < 1 ? this.progress(share * 100, told("uploading", { done: count(share * 100) })) : sent()),
      });
    } catch (error) {
      if (!running.signal.aborted) this.problem(explain(error));
      return null;
    } finally {
      if (this.running === running) {
        this.running = null;
        this.progress(null);
      }
    }
  }

  /**
   * @param {number | null} share in percent; null where it is not known
   * @param {string} [text] nothing runs without it
   */
  progress(share, text = "") {
    this.part("[data-progress]").hidden = !text;
    this.part("[data-progress-text]").textContent = text;
    const bar = /** @type {HTMLProgressElement} */ (this.part("progress"));
    if (share === null) bar.removeAttribute("value");
    else bar.value = share;
  }

  /** @param {string} text nothing is wrong without it */
  problem(text) {
    const place = this.part("[data-problem]");
    place.hidden = !text;
    place.textContent = text;
  }

  /** @param {string} text */
  result(text) {
    this.part("[data-result]").hidden = false;
    this.part("[data-result-text]").textContent = text;
  }

  /**
   * What a file comes to: the answer of a preview, or what an import did with it.
   * @param {any} found
   */
  show(found) {
    this.part("[data-outcome]").hidden = false;
    for (const place of /** @type {NodeListOf<HTMLElement>} */ (this.dialog.querySelectorAll("[data-count]"))) {
      place.textContent = count(found[place.dataset.count ?? ""]);
    }
    this.problem(found.error ? told("file", { error: found.error }) : "");
    const rounded = this.part("[data-rounded]");
    rounded.hidden = !found.rounded;
    rounded.textContent = counted("rounded", found.rounded);
    this.refused(found.rejected, found.rejected_count);
    this.table(found.columns ?? [], found.first ?? []);
  }

  /**
   * @param {[string, string][]} rejected
   * @param {number} all
   */
  refused(rejected, all) {
    const place = this.part("[data-refused]");
    place.hidden = !rejected.length;
    place.querySelector("ul")?.replaceChildren(
      ...rejected.map(([row, reason]) => {
        const item = document.createElement("li");
        item.append(Object.assign(document.createElement("b"), { textContent: row }), ` ${reason}`);
        return item;
      }),
    );
    const more = this.part("[data-more]");
    more.hidden = all <= rejected.length;
    more.textContent = counted("more_rows", all - rejected.length);
  }

  /**
   * @param {string[]} columns
   * @param {(string | null)[][]} rows
   */
  table(columns, rows) {
    const place = this.part("[data-first]");
    place.hidden = !rows.length;
    const cell = (/** @type {string} */ tag, /** @type {string | null} */ text) =>
      Object.assign(document.createElement(tag), { textContent: text ?? "" });
    place.querySelector("thead tr")?.replaceChildren(...columns.map((name) => Object.assign(cell("th", name), { scope: "col" })));
    place.querySelector("tbody")?.replaceChildren(
      ...rows.map((row) => {
        const line = document.createElement("tr");
        line.append(...row.map((text) => cell("td", text)));
        return line;
      }),
    );
  }
}

/**
 * Take an import back, once the person is sure; return how many rows went, null if they are not.
 * @param {number | string} run
 * @param {(done: number) => void} [progress]
 */
async function undone(run, progress = () => {}) {
  const line = document.querySelector(`[data-import-run="${run}"] .fl .strong`);
  if (!(await ask("undo", line?.textContent ?? ""))) return null;
  let row;
  let rows = 0;
  do {
    progress(rows);
    row = await send("POST", address(`imports/${run}/undo`));
    rows = row.result.undone.trades + row.result.undone.candles;
  } while (!row.undone_at);
  refreshParts();
  return rows;
}

export function startImports() {
  const input = document.querySelector("[data-import-file]");
  if (!(input instanceof HTMLInputElement)) return;
  const importing = new Importing();
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) importing.open(file);
    input.value = "";
  });
  document.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("[data-undo-run]");
    if (!(button instanceof HTMLElement)) return;
    attempt(async () => {
      await undone(button.dataset.undoRun ?? "");
    });
  });
  takeDrops((file) => importing.open(file));
}

/** @param {(file: File) => void} take */
function takeDrops(take) {
  const place = /** @type {HTMLElement} */ (document.querySelector("[data-drop]"));
  const holdsFile = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  addEventListener("dragover", (event) => {
    if (!holdsFile(event)) return;
    event.preventDefault();
    place.hidden = false;
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) place.hidden = true;
  });
  addEventListener("drop", (event) => {
    if (!holdsFile(event)) return;
    event.preventDefault();
    place.hidden = true;
    const file = event.dataTransfer?.files[0];
    if (file) take(file);
  });
}
