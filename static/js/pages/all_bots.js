/** All bots: one connection for every account; whatever one of them reports, the figures are asked for again. */

import { read } from "app/core/api.js";
import { grow } from "app/core/bind.js";
import { Stream } from "app/core/stream.js";
import { startDialogs } from "app/features/dialogs.js";
import { hurries, setting, setTime, showConnection, startOffline } from "app/features/live.js";
import { startMenus } from "app/features/menus.js";
import { startNotices } from "app/features/notices.js";
import { startPrivacy } from "app/features/privacy.js";
import { refreshParts } from "app/features/visit.js";

/** Who falls silent reports nothing. */
const LOOK = 15_000;

/** @type {Record<string, import("app/core/stream.js").Position>} */
const positions = {};
for (const { dataset } of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("tr[data-account]"))) {
  positions[dataset.account ?? ""] = { epoch: dataset.epoch ?? "", seq: Number(dataset.seq) };
}

const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/v1`;
const stream = new Stream(url, positions, {
  events: refreshParts,
  tick(kind) {
    if (kind === "heartbeat") refreshParts();
  },
  async reset(path) {
    const found = await read(path, { fresh: true });
    refreshParts();
    return found;
  },
  state: showConnection,
  clock: setTime,
});

startDialogs();
startMenus();
startNotices();
startOffline();
startPrivacy();
stream.open();
hurries(() => stream);
setInterval(() => grow(setting()), 1000);
setInterval(refreshParts, LOOK);
