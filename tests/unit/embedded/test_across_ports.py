"""What one port takes, another answers."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from embedded_apps import Assembled, assembled
from starlette.applications import Starlette
from starlette.testclient import TestClient
from stub_watch import PASSWORD, text_of
from trace_corpus import corpus_spans, trace_id


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Assembled]:
    with assembled(tmp_path) as embedded:
        yield embedded


def client_of(app: Starlette) -> TestClient:
    return TestClient(app, base_url="http://127.0.0.1")


def signed_in(embedded: Assembled) -> TestClient:
    client = client_of(embedded.viewer)
    assert client.post("/login", data={"user": "admin", "password": PASSWORD}).url.path == "/"
    return client


def found(embedded: Assembled, query: str) -> list[str]:
    answer = client_of(embedded.tempo).get("/api/search", params={"q": query})
    return [trace["traceID"].zfill(32) for trace in answer.json()["traces"]]


def otlp_span(name: str, seconds: int) -> dict[str, Any]:
    begin = time.time_ns() - 10 * 10**9
    return {
        "traceId": "b" * 32,
        "spanId": "c" * 16,
        "name": name,
        "kind": 2,
        "startTimeUnixNano": str(begin),
        "endTimeUnixNano": str(begin + seconds * 10**9),
        "status": {"code": 2},
    }


def test_spans_that_the_writer_wrote_are_searched_and_shown(embedded: Assembled) -> None:
    embedded.writer.write_spans(list(corpus_spans(int(time.time() - 120) * 10**9))).result()
    assert trace_id("a1") in found(embedded, '{ resource.service.name = "payment" && status = error }')
    viewer = signed_in(embedded)
    listed = viewer.get("/traces", params={"service": "payment"}).text
    assert f'href="/trace/{trace_id("a1")}"' in listed
    assert "shop: GET /checkout" in text_of(viewer.get("/trace/a1").text)


def test_spans_that_otlp_brought_are_searched_and_shown(embedded: Assembled) -> None:
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
    body = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [otlp_span("POST /pay", 3)]}]}]}
    assert client_of(embedded.otlp).post("/v1/traces", json=body).status_code == 200
    assert found(embedded, '{ name = "POST /pay" && status = error && duration > 2s }') == ["b" * 32]
    text = text_of(signed_in(embedded).get("/traces", params={"errors": "1", "slower": "2s"}).text)
    assert "1 trace" in text
    assert "POST /pay shop 3 s 1 1" in text


def test_lines_that_were_pushed_are_found(embedded: Assembled) -> None:
    pushed = {"stream": {"service_name": "shop"}, "values": [[str(time.time_ns()), "went wrong"]]}
    loki = client_of(embedded.loki)
    assert loki.post("/loki/api/v1/push", json={"streams": [pushed]}).status_code == 204
    answer = loki.get("/loki/api/v1/query_range", params={"query": '{service_name="shop"} |= "wrong"'})
    assert [stream["values"][0][1] for stream in answer.json()["data"]["result"]] == ["went wrong"]


def test_a_source_that_is_not_there_is_told_on_its_page(embedded: Assembled) -> None:
    assert "The watch is blind" in text_of(signed_in(embedded).get("/").text)
