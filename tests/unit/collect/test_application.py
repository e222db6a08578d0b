"""The daemon over a real collector: what services send is recorded, what is wrong is said."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from asgi_apps import served
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from prometheus_client import CollectorRegistry
from waiting import until

from ai_monitoring.collect.application import application
from ai_monitoring.collect.records import MOST
from ai_monitoring.collector.collector import MetricsCollector
from ai_monitoring.collector.settings import Collection
from ai_monitoring.configuration import Configuration
from ai_monitoring.embedded.ingest.limits import IngestLimits

RECORD = {
    "request_id": "req-1",
    "provider": "openai",
    "model": "gpt-4",
    "prompt": "What is the capital of France?",
    "response": "Paris is the capital of France.",
    "input_tokens": 15,
    "output_tokens": 150,
    "latency_ms": 850.0,
    "team": "search",
}


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def client(registry: CollectorRegistry) -> Iterator[httpx2.Client]:
    collector = MetricsCollector(Configuration(), registry=registry, evaluators=())
    limits = IngestLimits(body_bytes=100_000)
    with (
        served(application(collector, registry, limits), "on") as address,
        httpx2.Client(base_url=address) as client,
    ):
        yield client


def calls(registry: CollectorRegistry, status: str = "ok", model: str = "gpt-4", operation: str = "chat") -> float:
    labels = {"provider": "openai", "model": model, "operation": operation, "status": status}
    return registry.get_sample_value("llm_requests_total", labels) or 0.0


def span(**attributes: str | int) -> dict[str, Any]:
    """A call of two seconds, in OTLP's JSON."""
    known = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4",
        "gen_ai.usage.input_tokens": 15,
        "gen_ai.usage.output_tokens": 150,
        **{name.replace("__", "."): value for name, value in attributes.items()},
    }
    return {
        "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
        "spanId": "00f067aa0ba902b7",
        "name": "chat gpt-4",
        "startTimeUnixNano": "1790000000000000000",
        "endTimeUnixNano": "1790000002000000000",
        "attributes": [
            {"key": name, "value": {"intValue": value} if isinstance(value, int) else {"stringValue": value}}
            for name, value in known.items()
        ],
    }


def otlp(*spans: dict[str, Any], scope: str = "openai") -> dict[str, Any]:
    return {"resourceSpans": [{"scopeSpans": [{"scope": {"name": scope}, "spans": list(spans)}]}]}


def test_a_record_is_taken(client: httpx2.Client, registry: CollectorRegistry) -> None:
    answer = client.post("/v1/records", json=RECORD)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "lost": 0})
    until(lambda: calls(registry))
    assert 'llm_requests_total{model="gpt-4",operation="chat",provider="openai",status="ok"} 1.0' in (
        client.get("/metrics").text
    )
    until(lambda: client.get("/v1/summary").json()["requests"] == 1)


def test_a_list_is_taken_and_one_sent_twice_counts_once(client: httpx2.Client, registry: CollectorRegistry) -> None:
    records = [{**RECORD, "request_id": f"req-{number}"} for number in range(3)]
    for _ in range(2):
        assert client.post("/v1/records", json=records).json() == {"accepted": 3, "lost": 0}
    until(lambda: registry.get_sample_value("ai_requests_repeated_total") == 3)
    assert calls(registry) == 3


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"provider": "openai", "model": "gpt-4"}, "request_id is missing"),
        ({**RECORD, "inptu_tokens": 1}, "inptu_tokens is unknown; did you mean input_tokens?"),
        ({**RECORD, "zzz": 1}, "zzz is unknown; there are request_id, provider, model"),
        ({**RECORD, "input_tokens": "many"}, "input_tokens is"),
        ([RECORD, {**RECORD, "consent": "yes"}], "record 2: consent is"),
        ([RECORD, 7], "record 2: it is no JSON object"),
        ([], "the body holds 0 records: send 1 to 1000"),
        ("hello", "it is no JSON object, such as {'request_id': …, 'provider': …, 'model': …}"),
    ],
)
def test_a_wrong_record_is_named_and_nothing_is_taken(
    client: httpx2.Client, registry: CollectorRegistry, content: Any, reason: str
) -> None:
    answer = client.post("/v1/records", json=content)
    assert answer.status_code == 400
    assert reason in answer.json()["error"]
    assert client.get("/v1/summary").json()["requests"] == 0


def test_no_error_quotes_a_text(client: httpx2.Client) -> None:
    answer = client.post("/v1/records", json={**RECORD, "prompt": ["my card is 4242 4242"]})
    assert answer.status_code == 400
    assert "4242" not in answer.text


def test_bodies_are_bounded(client: httpx2.Client) -> None:
    large = client.post("/v1/records", json={**RECORD, "prompt": "x" * 100_001})
    assert large.status_code == 413
    assert "the limit is 100000 bytes" in large.json()["error"]
    bomb = gzip.compress(json.dumps({**RECORD, "prompt": "x" * 1_000_000}).encode())
    packed = client.post(
        "/v1/records", content=bomb, headers={"Content-Type": "application/json", "Content-Encoding": "gzip"}
    )
    assert packed.status_code == 413
    many = client.post("/v1/records", json=[{}] * (MOST + 1))
    assert "send 1 to 1000" in many.json()["error"]


@pytest.mark.parametrize("body", [b"{", b"[" * 10_000, b"\xff", b""])
def test_what_is_no_json(client: httpx2.Client, body: bytes) -> None:
    answer = client.post("/v1/records", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_page_of_another_site_can_send_nothing(client: httpx2.Client) -> None:
    assert (
        client.post("/v1/records", content=json.dumps(RECORD), headers={"Content-Type": "text/plain"}).status_code
        == 415
    )
    assert client.post("/v1/records", json=RECORD, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post("/v1/records", json=RECORD, headers={"Host": "evil.example"}).status_code == 421
    assert client.get("/v1/summary", headers={"Host": "evil.example"}).status_code == 421


def test_what_finds_no_place_is_told(registry: CollectorRegistry) -> None:
    collector = MetricsCollector(Configuration(collection=Collection(queue_size=1)), registry=registry, evaluators=())
    with served(application(collector, registry), "on") as address:
        collector.stop()
        answer = httpx2.post(f"{address}/v1/records", json=RECORD)
        traced = httpx2.post(f"{address}/v1/traces", json=otlp(span()))
    assert (answer.status_code, answer.json()) == (503, {"accepted": 0, "lost": 1})
    assert answer.headers["retry-after"] == "1"
    assert (traced.status_code, traced.headers["retry-after"]) == (503, "1")


def test_spans_as_json(client: httpx2.Client, registry: CollectorRegistry) -> None:
    answer = client.post("/v1/traces", json=otlp(span()))
    assert (answer.status_code, answer.json()) == (200, {})
    until(lambda: calls(registry))
    labels = {"provider": "openai", "model": "gpt-4", "operation": "chat"}
    assert registry.get_sample_value("llm_request_duration_seconds_sum", labels) == pytest.approx(2)


def test_an_odd_span_is_named_and_leaves_the_others(client: httpx2.Client, registry: CollectorRegistry) -> None:
    odd = {**span(gen_ai__request__model=" "), "spanId": "00f067aa0ba902b8"}
    answer = client.post("/v1/traces", json=otlp(span(), odd))
    assert answer.status_code == 200
    assert answer.json()["partialSuccess"] == {
        "rejectedSpans": "1",
        "errorMessage": "a span's model is empty: say which one it was",
    }
    until(lambda: calls(registry))


def test_spans_as_protobuf(client: httpx2.Client, registry: CollectorRegistry) -> None:
    message = ExportTraceServiceRequest()
    one = (
        message.resource_spans.add()
        .scope_spans.add()
        .spans.add(
            trace_id=b"\1" * 16, span_id=b"\2" * 8, start_time_unix_nano=10**18, end_time_unix_nano=10**18 + 10**9
        )
    )
    for name, value in {"gen_ai.system": "openai", "gen_ai.request.model": "gpt-4o"}.items():
        one.attributes.append(KeyValue(key=name, value=AnyValue(string_value=value)))
    headers = {"Content-Type": "application/x-protobuf"}
    answer = client.post("/v1/traces", content=message.SerializeToString(), headers=headers)
    assert (answer.status_code, answer.content) == (200, b"")
    until(lambda: calls(registry, model="gpt-4o"))


@pytest.mark.parametrize(
    ("body", "kind"), [(b"[]", "application/json"), (b"{", "application/json"), (b"\xff\xff", "application/x-protobuf")]
)
def test_what_is_no_otlp(client: httpx2.Client, body: bytes, kind: str) -> None:
    answer = client.post("/v1/traces", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == kind


def test_health(client: httpx2.Client) -> None:
    assert client.get("/health").json()["status"] == "ok"
