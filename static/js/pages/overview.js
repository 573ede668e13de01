/** Overview: binding, charts, and drawings that follow the figures. */

// Asked for with the page: the curve is what is looked at first.
import "app/charts/equity.js";
import "app/charts/timeline.js";
import { setUp } from "app/features/page.js";

setUp({ parts: true });
