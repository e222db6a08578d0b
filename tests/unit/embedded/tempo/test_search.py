"""Searches over the corpus; the same queries go to a real Tempo in tests/integration/test_tempo_corpus.py."""

import random
from typing import Any

import pytest
from boards import panel_queries
from starlette.testclient import TestClient
from trace_corpus import CORPUS


@pytest.mark.parametrize("case", [*CORPUS["queries"], *CORPUS["otherwise"]], ids=lambda case: case["q"])
def test_a_query_finds_its_spans(tempo: TestClient, case: dict[str, Any]) -> None:
    answer = tempo.get("/api/search", params={"q": case["q"], "spss": "20"})
    assert answer.status_code == 200, answer.text
    found = {
        trace["traceID"]: sorted({int(span["spanID"]) for one in trace["spanSets"] for span in one["spans"]})
        for trace in answer.json()["traces"]
    }
    assert found == {str(trace).lstrip("0"): spans for trace, spans in case["finds"].items()}


@pytest.mark.parametrize("query", CORPUS["refused"])
def test_what_is_no_traceql_is_refused(tempo: TestClient, query: str) -> None:
    answer = tempo.get("/api/search", params={"q": query})
    assert answer.status_code == 400
    assert answer.text.startswith("invalid TraceQL query: ")


@pytest.mark.parametrize("query", panel_queries("tempo"), ids=lambda query: query.label)
def test_the_dashboards_queries_are_answered(tempo: TestClient, query: Any) -> None:
    answer = tempo.get("/api/search", params={"q": query.runnable})
    assert answer.json()["traces"]


def test_an_answer_is_tempos(tempo: TestClient, begin: int) -> None:
    query = '{ resource.host.name = "pay-1" && status = error && .retries > 1 && name != "" }'
    (trace,) = tempo.get("/api/search", params={"q": query}).json()["traces"]
    spanset = {
        "spans": [
            {
                "spanID": "0000000000000004",
                "name": "POST /charge",
                "startTimeUnixNano": str(begin + 120_000_000),
                "durationNanos": "2200000000",
                "attributes": [
                    {"key": "host.name", "value": {"stringValue": "pay-1"}},
                    {"key": "status", "value": {"stringValue": "error"}},
                    {"key": "retries", "value": {"intValue": "2"}},
                ],
            }
        ],
        "matched": 1,
    }
    assert trace == {
        "traceID": "a1",
        "rootServiceName": "shop",
        "rootTraceName": "GET /checkout",
        "startTimeUnixNano": str(begin),
        "durationMs": 2500,
        "spanSet": spanset,
        "spanSets": [spanset],
        "serviceStats": {"shop": {"spanCount": 3, "errorCount": 2}, "payment": {"spanCount": 2, "errorCount": 1}},
    }


def test_the_latest_trace_comes_first_and_limits_hold(tempo: TestClient) -> None:
    found = tempo.get("/api/search", params={"q": "{ }", "limit": "2", "spss": "1"}).json()["traces"]
    assert [trace["traceID"] for trace in found] == ["d4", "c3"]
    assert found[1]["rootServiceName"] == "<root span not yet received>"
    assert found[1]["spanSet"]["matched"] == 2
    assert len(found[1]["spanSet"]["spans"]) == 1


def test_a_trace_is_found_in_the_time_that_it_overlaps(tempo: TestClient, begin: int) -> None:
    seconds = begin // 10**9
    found = tempo.get("/api/search", params={"q": "{ }", "start": str(seconds + 1), "end": str(seconds + 5)}).json()
    assert [trace["traceID"] for trace in found["traces"]] == ["b2", "a1"]


@pytest.mark.parametrize(
    ("parameters", "finds"),
    [
        ({"tags": "service.name=shop http.route=/checkout", "minDuration": "1s", "maxDuration": "3s"}, ["a1"]),
        ({"tags": "service.name=shop", "minDuration": "3s"}, []),
        ({"tags": 'name="GET /health"'}, ["d4"]),
        ({"tags": "status.code=error"}, ["a1"]),
        ({"root.service.name": "fastapi"}, ["b2"]),
        ({}, ["d4", "c3", "b2", "a1"]),
    ],
)
def test_searches_by_tags(tempo: TestClient, parameters: dict[str, str], finds: list[str]) -> None:
    found = tempo.get("/api/search", params=parameters).json()["traces"]
    assert [trace["traceID"] for trace in found] == finds
    assert all("spanSets" not in trace for trace in found)


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({"q": "{}", "limit": "0"}, "invalid limit: must be a positive number"),
        ({"q": "{}", "limit": "x"}, "invalid limit: 'x' is not a whole number"),
        ({"q": "{}", "limit": "5000"}, "invalid limit: 5000 exceeds the limit of 1000"),
        ({"q": "{}", "tags": "a=b"}, "invalid request: can't specify tags and q in the same query"),
        ({"q": "{}", "start": "5", "end": "4"}, "http parameter start must be before end. received start=5 end=4"),
        ({"tags": "a=b a=c"}, "invalid tags: tag a has been set twice"),
        ({"tags": 'a="b'}, "invalid tags: No closing quotation"),
        ({"minDuration": "long"}, "invalid minDuration: 'long' is not a duration such as 250ms or 1.5s"),
        ({"q": "{} | rate()"}, "rate is not supported; metrics of traces need Grafana Tempo"),
    ],
)
def test_a_wrong_request_is_told_why(tempo: TestClient, parameters: dict[str, str], problem: str) -> None:
    answer = tempo.get("/api/search", params=parameters)
    assert answer.status_code == 400
    assert problem in answer.text


def test_no_query_breaks_the_search(tempo: TestClient) -> None:
    chance = random.Random(7)  # noqa: S311
    fields = [
        ".retries",
        "name",
        "duration",
        "status",
        "kind",
        "span.tags",
        "event:name",
        "rootName",
        ".price",
        "nil",
        "1",
    ]
    fields += [
        '"a"',
        "2s",
        "error",
        "server",
        "true",
        "-1",
        "trace:id",
        "resource.service.name",
        "span:childCount",
        '"^("',
    ]
    signs = ["=", "!=", "=~", "!~", "<", ">=", "&&", "||", "+", "/", "%", "^", "*"]
    joins = ["&&", "||", ">", ">>", "<<", "~", "!>", "&<", "| count() > 1 |", "| by(name) |", "| coalesce() |"]
    answers = set()
    for _ in range(400):
        sets = []
        for _ in range(chance.randint(1, 3)):
            words = [chance.choice(fields)]
            for _ in range(chance.randint(0, 3)):
                words += [chance.choice(signs), chance.choice(["", "!", "("]) + chance.choice(fields)]
            sets.append("{ " + " ".join(words) + ")" * sum("(" in word for word in words if word != '"^("') + " }")
        query = sets[0] + "".join(f" {chance.choice(joins)} {one}" for one in sets[1:])
        answers.add(tempo.get("/api/search", params={"q": query}).status_code)
    assert answers == {200, 400}
