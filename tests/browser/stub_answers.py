"""Data of every kind of panel, the same picture each time."""

import math
import random
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
HOUR = 3_600_000
HOSTILE = "<script>document.title='owned'</script><img src=x onerror=alert(1)>"


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
    if number == 13:
        share = {"unit": "percentunit", "name": "errors", "points": wave(1, begin, end, step, 0.2, 0.8)}
        series[1] = {**series[1], **share, "style": {**series[1]["style"], "axis": "right"}}
    moments = [begin + (end - begin) * part // 10 for part in (2, 5, 7)]
    exemplars = [
        {"series": series[0]["name"], "time": at, "value": 0.2 * (i + 1), "labels": {}, "trace_id": f"{i:032x}",
         "url": f"/trace/{i:032x}"} for i, at in enumerate(moments)
    ]  # fmt: skip
    return {"series": series, "exemplars": exemplars}


def value(name: str, number: float | None, unit: str, colour: str, **more: Any) -> Json:
    steps = [
        {"value": None, "color": "#73BF69"},
        {"value": 0.7, "color": "#FF9830"},
        {"value": 0.9, "color": "#F2495C"},
    ]
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
        {"name": "Trace", "unit": "", "decimals": None, "align": "left", "kind": "text", "width": None},
    ]
    rows = [
        [{"value": route, "text": None, "color": "", "links": [{"title": "Explore", "url": "/explore"}]},
         {"value": 0.12 * 3**i, "text": None, "color": ["#73BF69", "#FF9830", "#F2495C"][min(i, 2)], "links": []},
         {"value": 12345 / (i + 1), "text": None, "color": "", "links": []},
         {"value": f"{i:032x}", "text": None, "color": "", "links": [{"title": "Trace", "url": f"/trace/{i:032x}"}]}]
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
    severities = ["error", "warn", "info", "debug", "critical", "unknown"]
    texts = ["upstream answered 503 after 3 attempts", HOSTILE, "request done in 120 ms", '{"event": "retry", "n": 2}']
    found = [
        {"time": str((end - i * 7_000) * 1_000_000 + 123), "text": texts[i % 4], "level": levels[i % 6],
         "severity": severities[i % 6], "parsed": {},
         "labels": {"service_name": "chat", "level": levels[i % 6]},
         "metadata": {"trace_id": f"{i:032x}", "x": HOSTILE},
         "trace_id": f"{i:032x}" if i % 2 == 0 else "", "url": f"/trace/{i:032x}" if i % 2 == 0 else ""}
        for i in range(60)
    ]  # fmt: skip
    return {"lines": found}


ANSWERS: dict[str, Callable[[int, int, int, int], Json]] = {
    "timeseries": timeseries, "stat": stat, "gauge": gauge, "bargauge": bargauge, "table": table, "heatmap": heatmap,
    "piechart": bargauge, "state-timeline": states, "logs": logs,
}  # fmt: skip
