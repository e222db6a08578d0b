"""Boards and data of every kind of panel, as the viewer's server answers them, without the server."""

import math
import random
import time
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from ai_monitoring.embedded.viewer.templating import STATIC, TEMPLATES

HOSTILE = "<script>document.title='owned'</script><img src=x onerror=alert(1)>"
HOUR = 3_600_000
RANGES = [
    {"text": f"Last {name}", "from": f"now-{short}", "to": "now"}
    for name, short in (("15 minutes", "15m"), ("hour", "1h"), ("6 hours", "6h"), ("24 hours", "24h"), ("7 days", "7d"))
]
POLICY = b"default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
KINDS = (
    "timeseries", "stat", "gauge", "bargauge", "table", "piechart", "heatmap", "state-timeline", "logs", "text", "geomap"
)  # fmt: skip
Json = dict[str, Any]


class PolicyHeader:
    """The content policy that the viewer sends with everything."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_policy(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"content-security-policy", POLICY)]
            await send(message)

        await self.app(scope, receive, with_policy)


def stub() -> Starlette:
    """An application with the boards `all` (every kind), `many` (16 time series) and `odd` (hostile, broken, empty)."""
    routes = [
        Route("/dashboards", page("boards.html")),
        Route("/d/{uid}", page("board.html")),
        Route("/trace/{id}", lambda request: Response("trace")),
        Route("/api/boards", boards),
        Route("/api/boards/{uid}", board),
        Route("/api/boards/{uid}/panels/{id:int}", panel),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(PolicyHeader)])
    app.state.asked = []
    return app


def page(template: str) -> Any:
    return lambda request: TEMPLATES.TemplateResponse(request, template)


async def boards(request: Request) -> JSONResponse:
    names = [("all", "Every kind", "Services"), ("many", "Sixteen", "Services"), ("odd", HOSTILE, "AI")]
    return JSONResponse(
        [{"uid": u, "title": t, "folder": f, "description": f"Board {u}", "url": f"/d/{u}"} for u, t, f in names]
    )


async def board(request: Request) -> JSONResponse:
    uid = request.path_params["uid"]
    panels = {"all": every_kind, "many": sixteen, "odd": odd}.get(uid)
    if panels is None:
        return JSONResponse({"error": f"There is no dashboard {uid}."}, 404)
    begin, end = bounds(request)
    title = HOSTILE if uid == "odd" else {"all": "Every kind", "many": "Sixteen"}[uid]
    return JSONResponse(
        {
            "uid": uid, "title": title, "description": "What the demo's services do.", "folder": "Services",
            "from": begin, "to": end, "time": {"from": "now-6h", "to": "now"}, "refresh": "30s",
            "refresh_intervals": ["", "10s", "30s", "1m", "5m"], "time_ranges": RANGES,
            "links": [{"title": "Runbooks", "url": "/runbooks", "new_tab": False}],
            "variables": variables(request), "panels": panels(),
        }
    )  # fmt: skip


def variables(request: Request) -> list[Json]:
    services = ["chat", "faq", "search", "billing", "ingest", "gateway", "worker", "web", "admin", HOSTILE]
    chosen = request.query_params.getlist("var-service") or ["$__all"]
    common: Json = {"description": "", "error": ""}
    return [
        {"name": "service", "label": "Service", "kind": "choice", "multi": True, "all": True, "values": chosen,
         "options": [{"text": "All", "value": "$__all"}, *({"text": s, "value": s} for s in services)], **common},
        {"name": "interval", "label": "Interval", "kind": "choice", "multi": False, "all": False,
         "values": request.query_params.getlist("var-interval") or ["1m"],
         "options": [{"text": text, "value": text} for text in ("1m", "5m", "1h")], **common},
        {"name": "search", "label": "Search", "kind": "text", "multi": False, "all": False,
         "values": request.query_params.getlist("var-search") or [""], "options": [], **common},
    ]  # fmt: skip


def shape(number: int, kind: str, title: str, place: tuple[int, int, int, int], **more: Any) -> Json:
    grid = dict(zip("xywh", place, strict=True))
    plain = {"id": number, "kind": kind, "title": title, "description": "", "grid": grid, "links": [], "options": {}}
    return {**plain, "supported": kind in KINDS[:-1], **more}


def every_kind() -> list[Json]:
    multi = {"tooltip": {"mode": "multi", "sort": "desc"}}
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


async def panel(request: Request) -> JSONResponse:
    request.app.state.asked.append(str(request.url.path) + "?" + str(request.query_params))
    uid, number = request.path_params["uid"], request.path_params["id"]
    begin, end = bounds(request)
    step = max(15_000, (end - begin) // 500)
    base: Json = {"from": begin, "to": end, "step": step, "errors": [], "empty": "", "series": [], "exemplars": []}
    if uid == "odd":
        return odd_answer(number, base)
    found = {one["id"]: one for one in (every_kind() if uid == "all" else sixteen())}[number]
    return JSONResponse({**base, "kind": found["kind"], **ANSWERS[found["kind"]](number, begin, end, step)})


def odd_answer(number: int, base: Json) -> JSONResponse:
    begin, end, step = base["from"], base["to"], base["step"]
    if number == 7:
        return JSONResponse({"error": "Prometheus at http://127.0.0.1:9090 does not answer."}, 502)
    more = {
        2: {"errors": [{"ref": "A", "text": "Prometheus: parse error: unexpected end of input"}]},
        3: {"empty": "No requests yet. Start the demo."},
        4: {"table": table(4, begin, end, step)["table"]},
        5: logs(5, begin, end, step),
        6: {"series": [{**one, "name": HOSTILE + str(i)} for i, one in enumerate(lines(2, begin, end, step))]},
    }
    return JSONResponse({**base, **more[number]})


def bounds(request: Request) -> tuple[int, int]:
    """The range in milliseconds; Grafana's relative ends of whole minutes, hours and days only."""
    now = int(time.time() * 1000)
    units = {"s": 1000, "m": 60_000, "h": HOUR, "d": 24 * HOUR}

    def resolved(text: str) -> int:
        if text == "now":
            return now
        return now - int(text[4:-1]) * units[text[-1]] if text.startswith("now-") else int(text)

    return resolved(request.query_params.get("from", "now-6h")), resolved(request.query_params.get("to", "now"))


def wave(seed: int, begin: int, end: int, step: int, low: float, high: float) -> list[list[float | None]]:
    """Points that rise and fall with a little noise, and a gap in every third series."""
    noise = random.Random(seed)  # noqa: S311 the same picture each time
    first = begin - begin % step + step
    points: list[list[float | None]] = []
    for at, moment in enumerate(range(first, end, step)):
        value = low + (high - low) * (0.5 + 0.35 * math.sin(at / 40 + seed) + 0.15 * noise.random())
        points.append([moment, None if seed % 3 == 2 and 200 < at < 230 else round(value, 5)])
    return points


def one_series(name: str, points: Any, unit: str, **style: Any) -> Json:
    plain = {"draw": "line", "width": 1, "dash": None, "fill": 10, "stack": "", "span_nulls": False, "axis": "left",
             "points": "auto"}  # fmt: skip
    hidden = {"legend": False, "tooltip": False, "graph": False}
    return {"ref": "A", "name": name, "labels": {}, "unit": unit, "decimals": None, "min": None, "max": None,
            "color": "", "style": {**plain, **style}, "hidden": hidden, "links": [], "points": points,
            "mappings": [], "thresholds": []}  # fmt: skip


def lines(number: int, begin: int, end: int, step: int) -> list[Json]:
    routes = ["/api/chat", "/api/search", "/api/feedback/{id}", "/health"]
    found = [
        one_series(name, wave(number + i, begin, end, step, 0.02 * (i + 1), 0.3 * (i + 1)), "s")
        for i, name in enumerate(routes)
    ]
    found[0]["links"] = [{"title": "Logs", "url": "/explore"}]
    limit = [[moment, 1.2] for moment, _ in found[0]["points"]]
    return [*found, {**one_series("warning", limit, "s", dash=[10, 10], fill=0), "color": "#FF9830"}]


def timeseries(number: int, begin: int, end: int, step: int) -> Json:
    if number == 6:
        colours = {"2xx": "#73BF69", "4xx": "#FF9830", "5xx": "#F2495C"}
        coarse = max(step, (end - begin) // 90)
        bars = [
            {**one_series(name, wave(i * 3, begin, end, coarse, 1, 40 / (i + 1)), "reqps", draw="bars", fill=60,
                          stack="A"), "color": colour}
            for i, (name, colour) in enumerate(colours.items())
        ]  # fmt: skip
        return {"series": bars}
    series = lines(number, begin, end, step)
    moments = [begin + (end - begin) * part // 10 for part in (2, 5, 7)]
    exemplars = [
        {"series": series[0]["name"], "time": at, "value": 0.2 * (i + 1), "labels": {}, "trace_id": f"{i:032x}",
         "url": f"/trace/{i:032x}"} for i, at in enumerate(moments)
    ]  # fmt: skip
    return {"series": series, "exemplars": exemplars}


def value(name: str, number: float | None, unit: str, colour: str, **more: Any) -> Json:
    steps = [{"value": None, "color": "#73BF69"}, {"value": 0.7, "color": "#FF9830"}, {"value": 0.9, "color": "#F2495C"}]
    return {"name": name, "value": number, "text": None, "unit": unit, "decimals": None, "color": colour, "min": None,
            "max": None, "thresholds": steps, "labels": {}, "links": [], "spark": [], **more}  # fmt: skip


def stat(number: int, begin: int, end: int, step: int) -> Json:
    spark = wave(number, begin, end, (end - begin) // 60, 2, 20)
    if number == 2:
        return {"values": [value("Requests", 1234.5, "reqps", "#73BF69", spark=spark)]}
    states = [("chat", 1, "Up", "#73BF69"), ("faq", 1, "Up", "#73BF69"), ("search", 0, "Down", "#F2495C")]
    return {"values": [value(name, n, "none", colour, text=text) for name, n, text, colour in states]}


def gauge(number: int, begin: int, end: int, step: int) -> Json:
    return {"values": [value("Budget", 0.7312, "percentunit", "#FF9830", max=1, min=0)]}


def bargauge(number: int, begin: int, end: int, step: int) -> Json:
    models = ["claude-sonnet-4-5", "gpt-5", "text-embedding-3-small", "a-model-with-a-very-long-name-that-does-not-fit"]
    return {"values": [value(name, 42.1234 / (i + 1) ** 2, "currencyUSD", "") for i, name in enumerate(models)]}


def table(number: int, begin: int, end: int, step: int) -> Json:
    columns = [
        {"name": "Route", "unit": "", "decimals": None, "align": "left", "kind": "text", "width": None},
        {"name": "p95", "unit": "s", "decimals": None, "align": "right", "kind": "number", "width": None},
        {"name": "Requests", "unit": "short", "decimals": None, "align": "right", "kind": "number", "width": None},
    ]
    rows = [
        [{"value": route, "text": None, "color": "", "links": [{"title": "Explore", "url": "/explore"}]},
         {"value": 0.12 * 3**i, "text": None, "color": ["#73BF69", "#FF9830", "#F2495C"][min(i, 2)], "links": []},
         {"value": 12345 / (i + 1), "text": None, "color": "", "links": []}]
        for i, route in enumerate(["/api/chat", "/api/search", "/admin", HOSTILE])
    ]  # fmt: skip
    return {"table": {"columns": columns, "rows": rows}}


def heatmap(number: int, begin: int, end: int, step: int) -> Json:
    buckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    wide = (end - begin) // 60
    y = [{"text": f"{top} s", "min": low, "max": top} for low, top in zip([0.0, *buckets], buckets, strict=False)]
    cells: list[list[float | None]] = [
        [max(0, round(40 * math.exp(-((row - 3 - math.sin(i / 9)) ** 2)) - 1)) or None for i in range(60)]
        for row in range(len(y))
    ]
    x = [begin + i * wide for i in range(60)]
    return {"heatmap": {"x": x, "y": y, "cells": cells, "unit": "none", "y_unit": "s"}}


def states(number: int, begin: int, end: int, step: int) -> Json:
    looks = {"Up": "#73BF69", "Slow": "#FF9830", "Down": "#F2495C"}
    rows = []
    for i, name in enumerate(["chat", "faq", "search", "a-service-with-a-long-name"]):
        edges = [begin, begin + (i + 2) * HOUR // 2, begin + (i + 3) * HOUR // 2, end]
        words = ["Up", ["Slow", "Down"][i % 2], "Up"]
        spans = [
            {"from": a, "to": b, "value": 1, "text": word, "color": looks[word]}
            for a, b, word in zip(edges, edges[1:], words, strict=False)
        ]
        rows.append({"name": name, "spans": spans})
    return {"states": rows}


def logs(number: int, begin: int, end: int, step: int) -> Json:
    levels = ["error", "warning", "info", "debug", "critical", ""]
    texts = ["upstream answered 503 after 3 attempts", HOSTILE, "request done in 120 ms", '{"event": "retry", "n": 2}']
    found = [
        {"time": str((end - i * 7_000) * 1_000_000 + 123), "text": texts[i % 4], "level": levels[i % 6],
         "labels": {"service_name": "chat", "level": levels[i % 6]}, "metadata": {"trace_id": f"{i:032x}", "x": HOSTILE},
         "trace_id": f"{i:032x}" if i % 2 == 0 else "", "url": f"/trace/{i:032x}" if i % 2 == 0 else ""}
        for i in range(60)
    ]  # fmt: skip
    return {"lines": found}


ANSWERS: dict[str, Any] = {
    "timeseries": timeseries, "stat": stat, "gauge": gauge, "bargauge": bargauge, "table": table, "heatmap": heatmap,
    "piechart": bargauge, "state-timeline": states, "logs": logs,
}  # fmt: skip

if __name__ == "__main__":
    import sys

    import uvicorn

    uvicorn.run(stub(), port=int(sys.argv[1]) if len(sys.argv) > 1 else 3000, log_level="warning")
