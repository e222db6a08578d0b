"""OTLP over gRPC, on port 4317."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from ai_monitoring.embedded.ingest.otlp_http import accepted_logs, accepted_spans
from ai_monitoring.embedded.ingest.otlp_json import from_protobuf
from ai_monitoring.embedded.ingest.receiver import Receiver, TakeLogs
from ai_monitoring.embedded.ingest.refusals import Refused

_SERVICE = "opentelemetry.proto.collector.{0}.v1.{1}Service"
_CODES = {413: grpc.StatusCode.RESOURCE_EXHAUSTED, 404: grpc.StatusCode.UNIMPLEMENTED}
_STOP_SECONDS = 2.0
_CALLS = 8
"""At a time: gRPC has read the whole of a request before it is ours to weigh."""

Context = grpc.aio.ServicerContext[Any, Any]


@asynccontextmanager
async def serve(receiver: Receiver, address: str, take_logs: TakeLogs | None = None) -> AsyncIterator[int]:
    """The services for logs and traces inside the block, at `host:port`; yields the port. Raises OSError.

    `take_logs` stores logs elsewhere than the receiver does.
    """
    limit = ("grpc.max_receive_message_length", receiver.limits.grpc_bytes)
    # Two servers on one port would share its requests in silence.
    server = grpc.aio.server(options=[limit, ("grpc.so_reuseport", 0)], maximum_concurrent_rpcs=_CALLS)
    server.add_generic_rpc_handlers(_handlers(receiver, take_logs or receiver.otlp_logs))
    try:
        port = server.add_insecure_port(address)
    except RuntimeError as error:
        raise OSError(f"Cannot listen at {address}: is another Collector there? {error}") from error
    await server.start()
    try:
        yield port
    finally:
        await server.stop(_STOP_SECONDS)


def _handlers(receiver: Receiver, take_logs: TakeLogs) -> tuple[grpc.GenericRpcHandler, ...]:
    messages = receiver.limits.messages

    async def logs(request: Any) -> Any:
        return accepted_logs(await take_logs(lambda: from_protobuf(request, ExportLogsServiceRequest, messages)))

    async def traces(request: Any) -> Any:
        return accepted_spans(await receiver.spans(lambda: from_protobuf(request, ExportTraceServiceRequest, messages)))

    async def metrics(_: Any) -> Any:
        raise Refused(
            404, "metrics are not taken here: Prometheus scrapes them from /metrics of each service", "metrics"
        )

    return (
        _service("logs", "Logs", _answering(receiver, logs)),
        _service("trace", "Trace", _answering(receiver, traces)),
        _service("metrics", "Metrics", _answering(receiver, metrics)),
    )


def _service(package: str, name: str, export: Any) -> grpc.GenericRpcHandler:
    # Bytes in: they are parsed in a thread, where what is malformed can be told apart.
    method: Any = grpc.unary_unary_rpc_method_handler(export, None, lambda message: message.SerializeToString())
    return grpc.method_handlers_generic_handler(_SERVICE.format(package, name), {"Export": method})


def _answering(
    receiver: Receiver, export: Callable[[bytes], Awaitable[Any]]
) -> Callable[[bytes, Context], Awaitable[Any]]:
    async def answer(request: bytes, context: Context) -> Any:
        try:
            with receiver.turn() as turn:
                turn.hold(len(request))
                return await export(request)
        except Refused as refused:
            await context.abort(_code(refused.status), str(refused))

    return answer


def _code(status: int) -> grpc.StatusCode:
    """What the sender does next follows from it: UNAVAILABLE is sent again, the others are not."""
    if status in _CODES:
        return _CODES[status]
    return grpc.StatusCode.UNAVAILABLE if status in (408, 429) or status >= 500 else grpc.StatusCode.INVALID_ARGUMENT
