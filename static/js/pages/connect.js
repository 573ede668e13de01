/** Connect: a key and its snippets, waiting for the first heartbeat together with the person, and files. */

import { write } from "app/core/format.js";
import { startCopying } from "app/features/copy.js";
import { startImports } from "app/features/imports.js";
import { setting } from "app/features/live.js";
import { setUp } from "app/features/page.js";
import { showAwaited, startNewKey } from "app/features/new_key.js";
import { startPassword } from "app/features/password.js";

startCopying();

const started = Date.now();
const listening = /** @type {HTMLElement | null} */ (document.querySelector("[data-listening]"));
const seconds = document.querySelector("[data-seconds]");
const ticks = document.querySelectorAll('[data-paint="waiting"] rect');

setInterval(() => {
  const waited = Math.floor((Date.now() - started) / 1000);
  if (listening && seconds) {
    listening.hidden = false;
    seconds.textContent = write("span", waited, setting());
  }
  ticks.forEach((tick, index) => tick.setAttribute("class", index <= waited % ticks.length ? "wait" : "none"));
}, 1000);

if (document.querySelector("[data-new-key]")) startPassword();
startNewKey();
startImports();
setUp({ paint: showAwaited });
