/** Connect: copies snippets, and waits for the first heartbeat together with the person. */

import { write } from "app/core/format.js";
import { startCopying } from "app/features/copy.js";
import { setting, startPage } from "app/features/live.js";

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

startPage();
