import gzip
import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from otlp_requests import PARENT, SPAN, TRACE, attribute, logs, logs_json, traces, traces_json

from ai_monitoring.embedded.ingest.messages import Status
from ai_monitoring.embedded.store.records import Line, Span
from ai_monitoring.embedded.store.retention import DAY_NS
from ai_monitoring.embedded.store.writer import Writer

Stored = Callable[[], list[Line]]
PROTOBUF = {"Content-Type": "application/x-protobuf"}


def line(now: int, text: str = "hello") -> Line:
    metadata = {
        "flags": "1",
        "host_name": "a",
        "observed_timestamp": str(now + 5),
        "scope_name": "orders",
        "scope_version": "1.2",
        "severity_number": "17",
        "severity_text": "ERROR",
        "span_id": SPAN,
        "trace_id": TRACE,
        "user_id": "ada",
    }
    labels = (("deployment_environment_name", "dev"), ("service_name", "shop"))
    return Line(labels, now, text, "error", tuple(metadata.items()))


def span(now: int) -> Span:
    return Span(
        TRACE,
        SPAN,
        PARENT,
        "shop",
        "GET /",
        2,
        now,
        now + 1000,
        2,
        "broken",
        "web",
        {"http.response.status_code": 500},
        {"service.name": "shop"},
        ({"name": "exception", "time": now + 1, "attributes": {"exception.type": "OSError"}},),
        ({"trace_id": TRACE, "span_id": PARENT, "attributes": {}},),
    )


async def test_logs_in_protobuf(client: httpx2.AsyncClient, stored: Stored, now: int) -> None:
    answer = await client.post("/v1/logs", content=logs(now).SerializeToString(), headers=PROTOBUF)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-protobuf"
    assert ExportLogsServiceResponse.FromString(answer.content) == ExportLogsServiceResponse()
    assert stored() == [line(now)]


async def test_logs_in_json(client: httpx2.AsyncClient, stored: Stored, now: int) -> None:
    answer = await client.post("/v1/logs", json=logs_json(now))
    assert (answer.status_code, answer.json()) == (200, {})
    assert answer.headers["content-type"] == "application/json"
    assert stored() == [line(now)]


async def test_logs_on_the_port_of_loki(client: httpx2.AsyncClient, stored: Stored, now: int) -> None:
    body = gzip.compress(logs(now).SerializeToString())
    answer = await client.post("/otlp/v1/logs", content=body, headers={**PROTOBUF, "Content-Encoding": "gzip"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert stored() == [line(now)]


@pytest.mark.parametrize("form", ["protobuf", "json", "gzip"])
async def test_traces(client: httpx2.AsyncClient, spans: Callable[[], list[Span]], now: int, form: str) -> None:
    body = traces(now).SerializeToString()
    if form == "json":
        answer = await client.post("/v1/traces", json=traces_json(now))
    elif form == "gzip":
        headers = {**PROTOBUF, "Content-Encoding": "gzip"}
        answer = await client.post("/v1/traces", content=gzip.compress(body), headers=headers)
    else:
        answer = await client.post("/v1/traces", content=body, headers=PROTOBUF)
    assert answer.status_code == 200, answer.text
    assert spans() == [span(now)]


async def test_resource_without_a_name(client: httpx2.AsyncClient, stored: Stored, now: int) -> None:
    request = logs(now)
    del request.resource_logs[0].resource.attributes[:]
    request.resource_logs[0].resource.attributes.append(attribute("service.name", ""))
    await client.post("/v1/logs", content=request.SerializeToString(), headers=PROTOBUF)
    [found] = stored()
    assert found.labels == (("service_name", "unknown_service"),)


async def test_record_without_a_time_has_that_of_its_observation_or_now(
    client: httpx2.AsyncClient, stored: Stored, now: int
) -> None:
    request = logs(now, "observed", "neither")
    observed, neither = request.resource_logs[0].scope_logs[0].log_records
    observed.ClearField("time_unix_nano")
    neither.ClearField("time_unix_nano")
    neither.ClearField("observed_time_unix_nano")
    await client.post("/v1/logs", content=request.SerializeToString(), headers=PROTOBUF)
    first, second = stored()
    assert first.time == now + 5
    assert "observed_timestamp" not in dict(first.metadata)
    assert now <= second.time < now + 60 * 10**9


async def test_body_that_is_no_string(client: httpx2.AsyncClient, stored: Stored, now: int) -> None:
    request = logs(now)
    record = request.resource_logs[0].scope_logs[0].log_records[0]
    record.body.kvlist_value.values.append(attribute("b", "<x>"))
    record.event_name = "order.placed"
    record.attributes.append(attribute("event_name", "other"))
    await client.post("/v1/logs", content=request.SerializeToString(), headers=PROTOBUF)
    [found] = stored()
    assert found.text == '{"b":"<x>"}'
    assert dict(found.metadata)["event_name"] == "order.placed"


def too_old(now: int) -> ExportLogsServiceRequest:
    request = logs(now, "old", "new")
    request.resource_logs[0].scope_logs[0].log_records[0].time_unix_nano = now - 8 * DAY_NS
    return request


async def test_what_is_left_out_is_told(client: httpx2.AsyncClient, stored: Stored, now: int) -> None:
    body = too_old(now).SerializeToString()
    answer = await client.post("/v1/logs", content=body, headers=PROTOBUF)
    partial = ExportLogsServiceResponse.FromString(answer.content).partial_success
    assert (answer.status_code, partial.rejected_log_records) == (200, 1)
    assert "has timestamp too old" in partial.error_message
    assert [found.text for found in stored()] == ["new"]
    answer = await client.post("/otlp/v1/logs", content=body, headers=PROTOBUF)
    assert answer.status_code == 400, "on its own port, Loki's answer"
    assert "has timestamp too old" in Status.FromString(answer.content).message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"trace_id": b""}, "trace_id of 16 bytes"),
        ({"span_id": bytes(8)}, "not all of them zero"),
        ({"start_time_unix_nano": 1}, "oldest acceptable time, 7 days ago"),
        ({"end_time_unix_nano": 2**64 - 1}, "more than 10 minutes in the future"),
        ({"name": "x" * 300_000}, "the limit is 262144"),
    ],
)
async def test_span_that_cannot_be_kept_is_told(
    client: httpx2.AsyncClient, spans: Callable[[], list[Span]], now: int, change: dict[str, Any], words: str
) -> None:
    request = traces(now)
    for name, value in change.items():
        setattr(request.resource_spans[0].scope_spans[0].spans[0], name, value)
    answer = await client.post("/v1/traces", content=request.SerializeToString(), headers=PROTOBUF)
    partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert (answer.status_code, partial.rejected_spans) == (200, 1)
    assert words in partial.error_message
    assert spans() == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "not JSON"),
        (b"[]", "an object is expected"),
        (b'{"resourceLogs": 1}', "not ExportLogsServiceRequest"),
        (b'{"resourceLogs": [{"scopeLogs": [{"logRecords": [{"traceId": "xyz"}]}]}]}', "hexadecimal digits"),
        (b'{"resourceLogs": [{"scopeLogs": [{"logRecords": [{"timeUnixNano": "-1"}]}]}]}', "out of range"),
        (b'{"resourceLogs": [{"scopeLogs": [{"logRecords": [{"severityNumber": 1e999}]}]}]}', "infinity"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "nested more than 60 deep"),
    ],
)
async def test_malformed_json_is_refused_in_json(client: httpx2.AsyncClient, body: bytes, words: str) -> None:
    answer = await client.post("/v1/logs", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert words in answer.json()["message"]


async def test_malformed_protobuf_is_refused_in_protobuf(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/v1/traces", content=b"\xff\xff", headers=PROTOBUF)
    assert answer.status_code == 400
    assert "not ExportTraceServiceRequest" in Status.FromString(answer.content).message


async def test_attribute_without_a_letter_is_refused(client: httpx2.AsyncClient, now: int) -> None:
    request = logs(now)
    request.resource_logs[0].resource.attributes.append(attribute("...", "x"))
    answer = await client.post("/v1/logs", content=request.SerializeToString(), headers=PROTOBUF)
    assert answer.status_code == 400


async def test_more_than_a_line_may_have_is_not_shared_among_lines(client: httpx2.AsyncClient, now: int) -> None:
    request = logs(now)
    request.resource_logs[0].resource.attributes.extend(attribute(f"a{number}", "") for number in range(200))
    answer = await client.post("/v1/logs", content=request.SerializeToString(), headers=PROTOBUF)
    assert (answer.status_code, "the limits are 128" in answer.text) == (400, True)


async def test_nothing_is_refused_by_loki_only(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/otlp/v1/logs", content=b"", headers=PROTOBUF)).status_code == 422
    assert (await client.post("/v1/logs", content=b"", headers=PROTOBUF)).status_code == 200


async def test_page_in_a_browser_cannot_send_traces(client: httpx2.AsyncClient, now: int) -> None:
    body = json.dumps(traces_json(now))
    assert (await client.post("/v1/traces", content=body, headers={"Content-Type": "text/plain"})).status_code == 415
    headers = {"Content-Type": "application/json", "Origin": "https://example.org"}
    assert (await client.post("/v1/traces", content=body, headers=headers)).status_code == 403


async def test_metrics_are_not_taken(client: httpx2.AsyncClient, writer: Writer) -> None:
    answer = await client.post("/v1/metrics", json={})
    assert (answer.status_code, "Prometheus scrapes" in answer.json()["message"]) == (404, True)
