/** One thing as a page of its own. */

import { startNotes } from "app/features/notes.js";
import { setUp } from "app/features/page.js";

setUp({ parts: true });
startNotes(document.body);
