/** Risk: charts, and figures that follow the account. */

import { setUp } from "app/features/page.js";

setUp({ parts: true });
