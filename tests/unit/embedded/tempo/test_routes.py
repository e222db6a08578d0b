"""Traces by their identifiers, and the names and values of attributes."""

from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData
from starlette.testclient import TestClient


def test_a_trace_by_its_identifier_is_otlp(tempo: TestClient, begin: int) -> None:
    (batch,) = tempo.get("/api/traces/0d4").json()["batches"]
    assert batch["resource"] == {"attributes": [{"key": "service.name", "value": {"stringValue": "django"}}]}
    (scope,) = batch["scopeSpans"]
    assert scope["scope"] == {}
    assert scope["spans"] == [
        {
            "traceId": "AAAAAAAAAAAAAAAAAAAA1A==",
            "spanId": "AAAAAAAAAAE=",
            "name": "GET /health",
            "kind": "SPAN_KIND_SERVER",
            "startTimeUnixNano": str(begin + 12_000_000_000),
            "endTimeUnixNano": str(begin + 12_001_000_000),
            "attributes": [
                {"key": "http.response.status_code", "value": {"intValue": "200"}},
                {"key": "ratio", "value": {"doubleValue": 0.5}},
            ],
            "status": {},
        }
    ]


def test_the_second_version_wraps_it(tempo: TestClient) -> None:
    answer = tempo.get("/api/v2/traces/a1").json()
    spans = [
        span
        for resource in answer["trace"]["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]
    assert len(spans) == 5
    assert {"code": "STATUS_CODE_ERROR", "message": "card refused"} in [span["status"] for span in spans]


def test_protobuf_where_it_is_accepted(tempo: TestClient) -> None:
    headers = {"accept": "application/protobuf"}
    first = tempo.get("/api/traces/a1", headers=headers)
    assert first.headers["content-type"] == "application/protobuf"
    assert len(TracesData.FromString(first.content).resource_spans) == 4
    second = tempo.get("/api/v2/traces/a1", headers=headers).content
    # Field 1, the length in two groups of seven bits, the message of the first version.
    assert second[0] == 0x0A
    assert (second[1] & 127) + (second[2] << 7) == len(first.content)
    assert second[3:] == first.content


def test_events_links_and_lists_are_kept(tempo: TestClient) -> None:
    charge = _span(tempo, "a1", "POST /charge")
    assert charge["events"][0]["name"] == "exception"
    assert charge["events"][0]["attributes"][0] == {"key": "exception.type", "value": {"stringValue": "CardError"}}
    assert _span(tempo, "c3", "worker")["links"] == [
        {"traceId": "AAAAAAAAAAAAAAAAAAAAsg==", "spanId": "AAAAAAAAAAE="},
    ]
    tags = {"arrayValue": {"values": [{"stringValue": "fast"}, {"stringValue": "cheap"}]}}
    assert {"key": "tags", "value": tags} in _span(tempo, "b2", "POST /chat")["attributes"]


def _span(tempo: TestClient, trace: str, name: str) -> dict[str, Any]:
    batches = tempo.get(f"/api/traces/{trace}").json()["batches"]
    spans = [span for batch in batches for scope in batch["scopeSpans"] for span in scope["spans"]]
    found: dict[str, Any] = next(span for span in spans if span["name"] == name)
    return found


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/api/traces/dead", 404, ""),
        ("/api/v2/traces/dead", 200, '{"trace":{},"metrics":{}}'),
        ("/api/traces/xyz", 400, "trace IDs can only contain hex characters: invalid character 'x' at position 1"),
        ("/api/v2/traces/" + "a" * 33, 400, "trace IDs can't be larger than 128 bits"),
        ("/api/echo", 200, "echo\n"),
        ("/ready", 200, "ready\n"),
    ],
)
def test_other_answers_are_tempos(tempo: TestClient, path: str, status: int, text: str) -> None:
    answer = tempo.get(path)
    assert (answer.status_code, answer.text) == (status, text)


def test_build_information_has_a_version(tempo: TestClient) -> None:
    assert tempo.get("/api/status/buildinfo").json()["version"]


def test_names_of_attributes_by_scope(tempo: TestClient) -> None:
    scopes = {scope["name"]: scope["tags"] for scope in tempo.get("/api/v2/search/tags").json()["scopes"]}
    assert list(scopes) == ["intrinsic", "span", "resource", "event"]
    assert {"duration", "trace:id", "rootServiceName"} < set(scopes["intrinsic"])
    assert scopes["resource"] == ["host.name", "k8s.pod.name", "service.name"]
    assert scopes["event"] == ["exception.message", "exception.type"]
    only = tempo.get("/api/v2/search/tags", params={"scope": "resource"}).json()["scopes"]
    assert [scope["name"] for scope in only] == ["resource"]
    assert tempo.get("/api/v2/search/tags", params={"scope": "foo"}).text == "invalid scope: foo"


def test_names_of_attributes_of_the_first_version(tempo: TestClient) -> None:
    names = tempo.get("/api/search/tags").json()["tagNames"]
    assert names == sorted(names)
    assert {"a name with spaces", "service.name", "exception.type"} < set(names)
    assert "duration" in tempo.get("/api/search/tags", params={"scope": "intrinsic"}).json()["tagNames"]


@pytest.mark.parametrize(
    ("tag", "values"),
    [
        (
            "resource.service.name",
            [("string", "django"), ("string", "fastapi"), ("string", "payment"), ("string", "shop")],
        ),
        (".http.response.status_code", [("int", "200"), ("int", "402"), ("int", "502")]),
        ("span.price", [("float", "12.5")]),
        ("span.tags", [("string", "cheap"), ("string", "fast")]),
        ("span.user.premium", [("bool", "true")]),
        ("status", [("keyword", "error"), ("keyword", "ok"), ("keyword", "unset")]),
        ("duration", []),
        ('span."a name with spaces"', [("string", "x")]),
    ],
)
def test_values_have_types(tempo: TestClient, tag: str, values: list[tuple[str, str]]) -> None:
    answer = tempo.get(f"/api/v2/search/tag/{tag}/values").json()
    assert sorted((value["type"], value["value"]) for value in answer["tagValues"]) == values


def test_values_of_the_spans_that_a_query_finds(tempo: TestClient) -> None:
    def names(query: str) -> list[str]:
        answer = tempo.get("/api/v2/search/tag/name/values", params={"q": query}).json()
        return sorted(value["value"] for value in answer["tagValues"])

    assert names('{ resource.service.name = "payment" }') == ["POST /charge", "SELECT cards"]
    assert len(names("{ resource.service.name = }")) == 11, "half a query keeps nothing out"


@pytest.mark.parametrize(
    ("tag", "values"),
    [
        ("service.name", ["django", "fastapi", "payment", "shop"]),
        ("http.response.status_code", ["200", "402", "502"]),
        ("status.code", ["error", "ok", "unset"]),
        ("root.name", ["GET /checkout", "GET /health", "POST /chat"]),
    ],
)
def test_values_of_the_first_version(tempo: TestClient, tag: str, values: list[str]) -> None:
    assert tempo.get(f"/api/search/tag/{tag}/values").json()["tagValues"] == values


def test_a_tag_that_is_no_field_is_refused(tempo: TestClient) -> None:
    answer = tempo.get("/api/v2/search/tag/bad/values")
    assert answer.status_code == 400
    assert "please provide a valid tagName: unknown identifier: bad" in answer.text
