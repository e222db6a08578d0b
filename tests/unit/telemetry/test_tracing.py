"""Setting traces up, in processes of their own: OpenTelemetry has one provider a process."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from ai_monitoring.telemetry import tracing

KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789"


class Receiver(ThreadingHTTPServer):
    """Takes OTLP over HTTP, and keeps the path and the bytes of each request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, bytes]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def names(self) -> list[str]:
        return sorted(
            span.name for resource in self.resources() for scope in resource.scope_spans for span in scope.spans
        )

    def resources(self) -> list[Any]:
        return [one for _, body in self.requests for one in ExportTraceServiceRequest.FromString(body).resource_spans]


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        self.server.requests.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield receiver
        receiver.shutdown()
        thread.join()


def run(script: str, **environ: str) -> str:
    """What a process of this script prints and logs."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    command = [sys.executable, "-W", "error", "-c", "from ai_monitoring.telemetry import spans, tracing\n" + script]
    done = subprocess.run(command, env={**plain, **environ}, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_spans_arrive_without_secrets_when_the_process_ends(receiver: Receiver) -> None:
    script = f"""
assert tracing.set_up("shop") and tracing.set_up("shop") and spans.is_on()
with spans.span("outer", {{"text": "mail anna@example.org"}}), spans.span("inner") as inner:
    inner.set(url__full="https://example.org/?api_key={KEY}")
"""
    run(script, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.address)

    (resource,) = receiver.resources()
    assert [path for path, _ in receiver.requests] == ["/v1/traces"]
    assert {one.key: one.value.string_value for one in resource.resource.attributes}["service.name"] == "shop"
    assert resource.scope_spans[0].scope.name == "ai_monitoring"
    assert receiver.names() == ["inner", "outer"]
    (_, body) = receiver.requests[0]
    assert b"anna@" not in body
    assert KEY.encode() not in body


def test_a_forked_process_delivers_its_own_spans(receiver: Receiver) -> None:
    script = """
import os, sys
tracing.set_up("shop")
with spans.span("before"):
    pass
child = os.fork()
with spans.span("child" if child == 0 else "parent"):
    pass
if child:
    os.waitpid(child, 0)
"""
    run(script, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"{receiver.address}/own")

    assert receiver.names() == ["before", "child", "parent"]
    assert {path for path, _ in receiver.requests} == {"/own"}


def test_sampling_by_setting(receiver: Receiver) -> None:
    script = """
tracing.set_up("shop")
with spans.span("dropped"):
    headers = {}
    spans.inject(headers)
print(headers["traceparent"][-1])
"""
    environ = {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0"}
    printed = run(script, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.address, **environ)

    assert int(printed) % 2 == 0
    assert receiver.requests == []


def test_calls_that_sampling_drops_are_counted(receiver: Receiver) -> None:
    script = """
from opentelemetry import trace
from prometheus_client import REGISTRY
tracing.set_up("shop")
attributes = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o"}
with trace.get_tracer("another").start_as_current_span("chat gpt-4o", attributes=attributes):
    pass
print(sum(s.value for f in REGISTRY.collect() for s in f.samples if s.name == "llm_requests_total"))
"""
    printed = run(script, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.address, OTEL_TRACES_SAMPLER="always_off")

    assert printed.strip() == "1.0"
    assert receiver.requests == []


def test_the_applications_own_provider_is_used_and_its_exports_are_not_doubled(receiver: Receiver) -> None:
    script = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
memory, own = InMemorySpanExporter(), TracerProvider()
own.add_span_processor(SimpleSpanProcessor(memory))
trace.set_tracer_provider(own)
assert tracing.set_up("shop")
with spans.span("ours"):
    pass
assert trace.get_tracer_provider() is own
print([span.name for span in memory.get_finished_spans()])
"""
    assert run(script, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.address).strip() == "['ours']"
    assert receiver.requests == []


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_without_a_receiver_nothing_is_loaded_and_nothing_said(environ: dict[str, str]) -> None:
    script = """
import sys
assert not tracing.set_up("shop") and not spans.is_on()
print([name for name in sys.modules if name.startswith("opentelemetry")])
"""
    assert run(script, **environ).strip() == "[]"


def test_without_opentelemetry_one_line_tells_how_to_get_it() -> None:
    script = """
tracing.find_spec = lambda name: None
assert not tracing.set_up("shop")
"""
    printed = run(script, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1")
    assert printed.strip() == "Traces are off, since OpenTelemetry is missing: pip install 'ai-monitoring[telemetry]'"


def test_a_receiver_that_refuses_costs_one_line() -> None:
    script = """
from opentelemetry import trace
tracing.set_up("shop")
for _ in range(2):
    with spans.span("lost"):
        pass
    trace.get_tracer_provider().force_flush()
"""
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_TIMEOUT": "0.1"}
    assert run(script, **environ).strip() == "Traces cannot be delivered: 1 spans lost so far"


def test_a_receiver_that_never_answers_does_not_hold_up_the_end() -> None:
    """OpenTelemetry itself would wait for a request's whole timeout, here longer than this test may take."""
    script = """
tracing.EXIT_MILLIS = 300
tracing.set_up("shop")
with spans.span("lost"):
    pass
"""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        run(script, OTEL_EXPORTER_OTLP_ENDPOINT=address, OTEL_EXPORTER_OTLP_TIMEOUT="100")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a:4318"}, "http://a:4318/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a:4318/otlp/"}, "http://a:4318/otlp/v1/traces"),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://b/own"},
            "http://b/own",
        ),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": " "}, None),
    ],
)
def test_the_receivers_address(environ: dict[str, str], expected: str | None) -> None:
    assert tracing.endpoint(environ) == expected


def test_log_lines_name_the_span_that_they_were_written_in(receiver: Receiver) -> None:
    script = """
import logging
from ai_monitoring.telemetry import set_up
set_up("shop")
with spans.span("work"):
    logging.getLogger("app").info("inside")
"""
    printed = run(script, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"{receiver.address}/v1/traces")

    line = next(json.loads(line) for line in printed.splitlines() if "inside" in line)
    (span,) = receiver.resources()[0].scope_spans[0].spans
    assert (line["trace_id"], line["span_id"]) == (span.trace_id.hex(), span.span_id.hex())


def test_fastapi_that_traces_itself_is_not_traced_twice(receiver: Receiver) -> None:
    """Its releases of 2026 open spans where a provider is set, with raw paths in them and around scrapes."""
    pytest.importorskip("fastapi.telemetry", reason="an older FastAPI does not trace itself")
    script = """
tracing.set_up("shop")
from fastapi import FastAPI
from starlette.testclient import TestClient
from ai_monitoring.web.asgi import PrometheusMiddleware, metrics_endpoint
app = FastAPI()
app.add_middleware(PrometheusMiddleware)
app.get("/metrics")(metrics_endpoint)
@app.get("/people/{name}")
async def person(name: str):
    with spans.span("inside"):
        return name
client = TestClient(app)
client.get("/people/anna?question=where-is-she")
client.get("/metrics")
"""
    run(script, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.address)

    names = receiver.names()
    assert names.count("GET /people/{name}") == names.count("inside") == 1
    assert "GET /metrics" not in names
    assert not [body for _, body in receiver.requests if b"anna" in body or b"where-is-she" in body]
