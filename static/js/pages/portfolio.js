/** Portfolio: positions live, charts, and what is drawn by the server. */

import { setUp } from "app/features/page.js";

setUp({ parts: true });
