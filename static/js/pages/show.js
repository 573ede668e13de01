/** One thing as a page of its own. */

import { setUp } from "app/features/page.js";
import { startNotes } from "app/features/show.js";

setUp();
startNotes(document.body);
