/**
 * Drawings come from the server alone: the page is asked for again and its drawings take the place of the old ones.
 * The answer arrives as a parsed document, never as text put into the page.
 */

import { coalesced } from "app/core/api.js";
import { visible } from "app/core/frame.js";

const PAUSE = 2000;

/** @returns {Promise<Document>} */
function samePage() {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", location.href);
    request.responseType = "document";
    request.onload = () => (request.response ? resolve(request.response) : reject(new Error(String(request.status))));
    request.onerror = () => reject(new Error("no answer"));
    request.send();
  });
}

export const refreshDrawings = coalesced(async () => {
  await visible();
  const fresh = await samePage();
  for (const old of document.querySelectorAll("[data-drawing]")) {
    const found = fresh.querySelector(`[data-drawing="${old.getAttribute("data-drawing")}"]`);
    if (found) old.replaceChildren(...document.adoptNode(found).childNodes);
  }
}, PAUSE);
