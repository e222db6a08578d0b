from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from otlp_requests import TRACE, logs, traces

from ai_monitoring.embedded.ingest.grpc import serve
from ai_monitoring.embedded.ingest.limits import IngestLimits
from ai_monitoring.embedded.ingest.receiver import Receiver
from ai_monitoring.embedded.store.records import Line, Span
from ai_monitoring.embedded.store.writer import Writer

LOGS, TRACES, METRICS = (
    f"/opentelemetry.proto.collector.{package}.v1.{name}Service/Export"
    for package, name in (("logs", "Logs"), ("trace", "Trace"), ("metrics", "Metrics"))
)

Call = Callable[[str, bytes], Any]


def calling(channel: grpc.aio.Channel) -> Call:
    def call(method: str, body: bytes) -> Any:
        export: Any = channel.unary_unary(method)
        return export(body, timeout=10)

    return call


@pytest.fixture
async def call(receiver: Receiver) -> AsyncIterator[Call]:
    async with serve(receiver, "127.0.0.1:0") as port, grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield calling(channel)


async def code(call: Call, method: str, body: bytes) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call(method, body)
    return error.value.code(), error.value.details() or ""


async def test_logs_and_traces(
    call: Call, stored: Callable[[], list[Line]], spans: Callable[[], list[Span]], now: int
) -> None:
    answer = ExportLogsServiceResponse.FromString(await call(LOGS, logs(now).SerializeToString()))
    assert answer == ExportLogsServiceResponse()
    answer = ExportTraceServiceResponse.FromString(await call(TRACES, traces(now).SerializeToString()))
    assert answer == ExportTraceServiceResponse()
    assert [(line.text, line.level) for line in stored()] == [("hello", "error")]
    assert [span.trace_id for span in spans()] == [TRACE]


async def test_what_is_left_out_is_told(call: Call, now: int) -> None:
    request = traces(now)
    request.resource_spans[0].scope_spans[0].spans[0].span_id = b""
    answer = ExportTraceServiceResponse.FromString(await call(TRACES, request.SerializeToString()))
    assert answer.partial_success.rejected_spans == 1


async def test_errors_are_codes(call: Call) -> None:
    malformed, words = await code(call, LOGS, b"\xff\xff")
    assert (malformed, "not ExportLogsServiceRequest" in words) == (grpc.StatusCode.INVALID_ARGUMENT, True)
    metrics, words = await code(call, METRICS, b"")
    assert (metrics, "Prometheus scrapes" in words) == (grpc.StatusCode.UNIMPLEMENTED, True)
    large, _ = await code(call, LOGS, b"\x00" * (IngestLimits().grpc_bytes + 1))
    assert large == grpc.StatusCode.RESOURCE_EXHAUSTED
    request = ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.extend([LogRecord()] * 100_001)
    many, words = await code(call, LOGS, request.SerializeToString())
    assert (many, "the limit of" in words) == (grpc.StatusCode.RESOURCE_EXHAUSTED, True)


async def test_busy_store_is_unavailable_which_is_tried_again(writer: Writer) -> None:
    receiver = Receiver(writer, IngestLimits(requests=0))
    async with serve(receiver, "127.0.0.1:0") as port, grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        busy, words = await code(calling(channel), LOGS, b"")
    assert (busy, "under way" in words) == (grpc.StatusCode.UNAVAILABLE, True)


async def test_port_that_somebody_holds_is_named(receiver: Receiver) -> None:
    async with serve(receiver, "127.0.0.1:0") as port:
        with pytest.raises(OSError, match=f"Cannot listen at 127.0.0.1:{port}"):
            async with serve(receiver, f"127.0.0.1:{port}"):
                pass
