"""Queries to Loki."""

from collections.abc import Callable

import pytest
from board_sources import BEGIN, END, StandIn, matrix, vector
from starlette.responses import PlainTextResponse

from ai_monitoring.embedded.viewer.boards import loki
from ai_monitoring.embedded.viewer.boards.lines import lines
from ai_monitoring.embedded.viewer.boards.queries import Query
from ai_monitoring.embedded.viewer.sources import Client, SourceError

TRACE = "0af7651916cd43dd8448eb211c80319c"
Made = Callable[..., Query]
RANGE, INSTANT = "/loki/api/v1/query_range", "/loki/api/v1/query"
BESIDE = {"structuredMetadata": {"detected_level": "error", "traceID": TRACE.upper()}, "parsed": {"status": "500"}}
APART = [["1800000000000000001", "slow <b>", BESIDE]]
MERGED = [["1800000000000000002", "quick"]]
STREAMS = {
    "data": {
        "resultType": "streams",
        "result": [
            {"stream": {"service_name": "django"}, "values": APART},
            {"stream": {"service_name": "fastapi", "level": "Warning"}, "values": MERGED},
        ],
    }
}


async def test_lines_keep_nanoseconds_level_and_trace(query: Made, client: Client, source: StandIn) -> None:
    source.answers[RANGE] = STREAMS
    found = lines((await loki.ask(query(expr='{a="b"}', maxLines=500), client)).lines, {})
    assert [line["time"] for line in found] == ["1800000000000000002", "1800000000000000001"]
    assert found[1] == {
        "time": "1800000000000000001",
        "text": "slow <b>",
        "level": "error",
        "severity": "error",
        "labels": {"service_name": "django"},
        "metadata": {"detected_level": "error", "traceID": TRACE.upper()},
        "parsed": {"status": "500"},
        "trace_id": TRACE,
        "url": f"/trace/{TRACE}",
    }
    assert (found[0]["level"], found[0]["severity"], found[0]["url"]) == ("Warning", "warn", "")


async def test_the_oldest_come_first_where_the_panel_wants_them(query: Made, client: Client, source: StandIn) -> None:
    source.answers[RANGE] = STREAMS
    answer = await loki.ask(query(expr='{a="b"}'), client)
    assert [line["text"] for line in lines(answer.lines, {"sortOrder": "Ascending"})] == ["slow <b>", "quick"]


async def test_a_query_has_its_range_limit_and_direction(query: Made, client: Client, source: StandIn) -> None:
    source.answers[RANGE] = STREAMS
    await loki.ask(query(expr='{s=~"$service"} |~ "(?i)$interval"', maxLines=500), client)
    await loki.ask(query(expr="{}", maxLines=10**9, direction="forward"), client)
    first, second = source.queries(RANGE)
    assert first == {
        "query": '{s=~"(django|fastapi)"} |~ "(?i)5m"',
        "start": f"{BEGIN}000000",
        "end": f"{END}000000",
        "step": "15",
        "limit": "500",
        "direction": "backward",
    }
    assert (second["limit"], second["direction"]) == ("5000", "forward")
    assert source.headers["x-loki-response-encoding-flags"] == "categorize-labels"


async def test_counts_are_series(query: Made, client: Client, source: StandIn) -> None:
    source.answers[RANGE] = matrix(({"detected_level": "info"}, [(BEGIN / 1000 + 7, "2"), (BEGIN / 1000 + 607, "4")]))
    (frame,) = (await loki.ask(query(expr="x", step="5m", legendFormat="{{detected_level}}"), client)).frames
    assert frame.fields[1].title == "info"
    assert frame.fields[0].values[:3] == [BEGIN + 7_000, BEGIN + 307_000, BEGIN + 607_000]
    assert frame.fields[1].values[:3] == [2.0, None, 4.0]


async def test_the_step_that_is_under_way_is_kept(query: Made, client: Client, source: StandIn) -> None:
    at = END / 1000 + 100
    source.answers[RANGE] = matrix(({}, [(at - 300, "2"), (at, "4")]))
    (frame,) = (await loki.ask(query(expr="x", step="5m"), client)).frames
    assert frame.fields[0].values[-1] == END + 100_000
    assert frame.fields[1].values[-2:] == [2.0, 4.0]


async def test_an_instant_query_is_asked_at_the_end(query: Made, client: Client, source: StandIn) -> None:
    source.answers[INSTANT] = vector(({"question": "why"}, "7"))
    (frame,) = (await loki.ask(query(expr="x", queryType="instant", legendFormat="{{question}}"), client)).frames
    assert (frame.fields[1].title, frame.fields[1].values) == ("why", [7.0])
    assert source.queries(INSTANT)[0]["time"] == f"{END}000000"


async def test_an_automatic_window_is_the_step_or_the_range(query: Made, client: Client, source: StandIn) -> None:
    source.answers |= {RANGE: matrix(), INSTANT: vector()}
    for kind in ("range", "instant"):
        await loki.ask(query(expr="[$__auto]", queryType=kind, step="1m"), client)
    assert [asked["query"] for _, asked in source.asked] == ["[1m]", "[3600s]"]


async def test_what_loki_says_is_passed_on(query: Made, client: Client, source: StandIn) -> None:
    source.answers[RANGE] = PlainTextResponse("parse error: unexpected {", 400)
    with pytest.raises(SourceError, match="Loki answered 400: parse error"):
        await loki.ask(query(expr="{{"), client)


async def test_a_step_that_is_none_is_named(query: Made, client: Client) -> None:
    with pytest.raises(SourceError, match="'often'"):
        await loki.ask(query(expr="x", step="often"), client)
