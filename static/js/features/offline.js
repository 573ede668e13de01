/** Without a connection: what is stale, what waits to be sent, and the worker that keeps both. Begun after the page is there. */

import { startQueue, startSignOut } from "app/features/queued.js";
import { startStale } from "app/features/stale.js";
import { dropForeign } from "app/features/subscription.js";
import { startWorker } from "app/features/worker.js";

startStale();
startQueue();
startSignOut();
startWorker();
dropForeign().catch(() => {}); // looked at again on the next page
