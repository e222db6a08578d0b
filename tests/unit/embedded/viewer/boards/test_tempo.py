"""Searches in Tempo."""

from collections.abc import Callable

import pytest
from board_sources import BEGIN, END, StandIn

from ai_monitoring.embedded.viewer.boards import tempo
from ai_monitoring.embedded.viewer.boards.queries import Query
from ai_monitoring.embedded.viewer.sources import Client, SourceError

Made = Callable[..., Query]
SEARCH = "/api/search"
SPAN = {"spanID": "01", "name": "SELECT", "startTimeUnixNano": f"{BEGIN}000000", "durationNanos": "1500000"}
TRACES = {
    "traces": [
        {"traceID": "a1", "startTimeUnixNano": f"{BEGIN}000000", "rootServiceName": "django", "rootTraceName": "GET /"},
        {
            "traceID": "b2",
            "startTimeUnixNano": f"{END}000000",
            "rootServiceName": "fastapi",
            "rootTraceName": "POST /chat",
            "durationMs": 1250,
            "spanSets": [{"spans": [SPAN], "matched": 1}],
        },
    ]
}


async def test_traces_are_a_table_the_newest_first(query: Made, client: Client, source: StandIn) -> None:
    source.answers[SEARCH] = TRACES
    target = query(query='{ resource.service.name =~ "$service" && status = error }', queryType="traceql", limit=20)
    (frame,) = (await tempo.ask(target, client)).frames
    assert {field.name: field.values for field in frame.fields} == {
        "Trace ID": ["b2", "a1"],
        "Start time": [END, BEGIN],
        "Service": ["fastapi", "django"],
        "Name": ["POST /chat", "GET /"],
        "Duration": [1250, 0],
    }
    assert [field.kind for field in frame.fields] == ["string", "time", "string", "string", "number"]
    assert frame.fields[0].config["links"][0]["url"] == "/trace/${__value.raw}"
    assert source.queries(SEARCH) == [
        {
            "q": '{ resource.service.name =~ "(django|fastapi)" && status = error }',
            "limit": "20",
            "spss": "3",
            "start": str(BEGIN // 1000),
            "end": str(END // 1000),
        }
    ]


async def test_spans_are_a_table_too(query: Made, client: Client, source: StandIn) -> None:
    source.answers[SEARCH] = TRACES
    (frame,) = (await tempo.ask(query(query="{}", tableType="spans"), client)).frames
    assert next(frame.rows()) | {"Start time": 0} == {
        "Trace ID": "b2",
        "Span ID": "01",
        "Start time": 0,
        "Service": "fastapi",
        "Name": "SELECT",
        "Duration": 1.5,
    }


async def test_nothing_found_is_no_table(query: Made, client: Client, source: StandIn) -> None:
    source.answers[SEARCH] = {"traces": None}
    assert (await tempo.ask(query(query="{}"), client)).frames == []


async def test_other_types_are_refused_by_name(query: Made, client: Client) -> None:
    with pytest.raises(SourceError, match="'serviceMap'"):
        await tempo.ask(query(queryType="serviceMap"), client)
