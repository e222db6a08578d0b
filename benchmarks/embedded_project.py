"""A board of 16 time series, fifteen of Prometheus and one of Loki, and a stand-in for Prometheus."""

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from board_sources import StandIn

SERIES: Final = 5
SOURCES: Final = StandIn()


def project(folder: Path) -> None:
    """The folders that the viewer reads, with that board as `bench`."""
    boards = folder / "grafana" / "dashboards" / "Bench"
    boards.mkdir(parents=True)
    (folder / "docs" / "runbooks").mkdir(parents=True)
    panels = [panel(number) for number in range(16)]
    board = {"uid": "bench", "title": "Bench", "panels": panels, "time": {"from": "now-1h", "to": "now"}}
    (boards / "bench.json").write_text(json.dumps(board), encoding="utf-8")
    SOURCES.otherwise = series
    SOURCES.answers = {"/api/v1/targets": {"status": "success", "data": {"activeTargets": []}}}


def panel(number: int) -> dict[str, Any]:
    kind = "loki" if number == 15 else "prometheus"
    source = {"type": kind, "uid": kind}
    log_query = 'sum by (detected_level) (count_over_time({service_name=~".+"}[1m]))'
    query = log_query if kind == "loki" else f"rate(requests_total{{number='{number}'}}[1m])"
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": f"Panel {number + 1}",
        "datasource": source,
        "gridPos": {"x": number % 4 * 6, "y": number // 4 * 8, "w": 6, "h": 8},
        "targets": [{"refId": "A", "expr": query, "queryType": "range", "datasource": source}],
        "fieldConfig": {"defaults": {"unit": "reqps"}, "overrides": []},
    }


def series(query: Mapping[str, str]) -> dict[str, Any]:
    """What Prometheus answers: waves over a range, and nothing to other questions."""
    if "step" not in query:
        return {"status": "success", "data": {"resultType": "vector", "result": []}}
    begin, end, step = (float(query[name]) for name in ("start", "end", "step"))
    moments = [begin + step * number for number in range(int((end - begin) / step) + 1)]
    result = [
        {
            "metric": {"service": f"service-{number}"},
            "values": [[moment, f"{number + math.sin(moment / 300):.3f}"] for moment in moments],
        }
        for number in range(SERIES)
    ]
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}
