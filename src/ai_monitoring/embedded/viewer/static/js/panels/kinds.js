// Which module draws which kind of panel. Each has `draw(view)`, and `has(data)` and `rows(data)` where there is data.

import * as bargauge from "./bargauge.js";
import * as gauge from "./gauge.js";
import * as heatmap from "./heatmap.js";
import * as logs from "./logs.js";
import * as piechart from "./piechart.js";
import * as stat from "./stat.js";
import * as stateTimeline from "./state_timeline.js";
import * as table from "./table.js";
import * as text from "./text.js";
import * as timeseries from "./timeseries.js";

export const KINDS = { timeseries, stat, gauge, bargauge, table, piechart, heatmap, "state-timeline": stateTimeline, logs, text };
