"""The panels of the stub's boards."""

from typing import Any

from browser.stub_answers import HOSTILE, Json

KINDS = (
    "timeseries", "stat", "gauge", "bargauge", "table", "piechart", "heatmap", "state-timeline", "logs", "text"
)  # fmt: skip


def shape(number: int, kind: str, title: str, place: tuple[int, int, int, int], **more: Any) -> Json:
    grid = dict(zip("xywh", place, strict=True))
    plain = {"id": number, "kind": kind, "title": title, "description": "", "grid": grid, "links": [], "options": {}}
    return {**plain, "supported": kind in KINDS, **more}


def every_kind() -> list[Json]:
    multi: Json = {"tooltip": {"mode": "multi", "sort": "desc"}}
    table = {"legend": {"displayMode": "table", "placement": "bottom", "calcs": ["mean", "max", "last"]}, **multi}
    short = {"legend": {"displayMode": "list", "placement": "bottom", "calcs": []}, **multi}
    background = {"colorMode": "background", "graphMode": "area", "textMode": "value_and_name"}
    return [
        shape(1, "stat", "Services", (0, 0, 8, 5), options=background),
        shape(2, "stat", "Requests", (8, 0, 4, 5), options={"colorMode": "value", "graphMode": "area"}),
        shape(3, "gauge", "Budget used", (12, 0, 4, 5), options={"showThresholdLabels": True}),
        shape(4, "text", "", (16, 0, 8, 5), html="<h2>Read me</h2><p>What this board <strong>shows</strong>.</p>"),
        shape(5, "timeseries", "Latency by route", (0, 5, 12, 9), options=table, description="p95 of five minutes."),
        shape(6, "timeseries", "Requests by status", (12, 5, 12, 9), options=short,
              links=[{"title": "Logs of errors", "url": "/explore", "new_tab": False}]),
        {"id": 100, "kind": "row", "title": "Details", "collapsed": False, "grid": {"x": 0, "y": 14, "w": 24, "h": 1}},
        shape(7, "bargauge", "Cost by model", (0, 15, 8, 7), options={"displayMode": "gradient"}),
        shape(8, "piechart", "Tokens by model", (8, 15, 8, 7), options={"pieType": "donut"}),
        shape(9, "table", "Slowest routes", (16, 15, 8, 7)),
        shape(10, "heatmap", "Durations", (0, 22, 12, 8)),
        shape(11, "state-timeline", "Health", (12, 22, 12, 8)),
        shape(12, "logs", "Last errors", (0, 30, 24, 9), options={"showTime": True, "wrapLogMessage": True}),
        {"id": 101, "kind": "row", "title": "Folded", "collapsed": True, "grid": {"x": 0, "y": 39, "w": 24, "h": 1}},
        shape(13, "timeseries", "Under the fold", (0, 40, 24, 8), options=short),
    ]  # fmt: skip


def sixteen() -> list[Json]:
    return [shape(n + 1, "timeseries", f"Panel {n + 1}", (n % 4 * 6, n // 4 * 6, 6, 6)) for n in range(16)]


def odd() -> list[Json]:
    return [
        shape(1, "geomap", "A map", (0, 0, 8, 6)),
        shape(2, "timeseries", "Fails", (8, 0, 8, 6)),
        shape(3, "timeseries", "Empty", (16, 0, 8, 6)),
        shape(4, "table", HOSTILE, (0, 6, 12, 8), description=HOSTILE),
        shape(5, "logs", "Hostile lines", (12, 6, 12, 8)),
        shape(6, "timeseries", "Hostile names", (0, 14, 12, 8)),
        shape(7, "stat", "No answer", (12, 14, 12, 8)),
    ]
