"""OTLP over HTTP: logs and traces, protobuf or JSON, answered in the format of the request."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from starlette.requests import Request
from starlette.responses import Response

from ai_monitoring.embedded.ingest import bodies, otlp_json, otlp_logs
from ai_monitoring.embedded.ingest.content import Format, check_origin, format_of
from ai_monitoring.embedded.ingest.entries import Stream
from ai_monitoring.embedded.ingest.messages import Status
from ai_monitoring.embedded.ingest.push import no_streams
from ai_monitoring.embedded.ingest.receiver import Receiver, TakeLogs
from ai_monitoring.embedded.ingest.refusals import Refused, Rejections

_TYPES: dict[Format, str] = {"json": "application/json", "protobuf": "application/x-protobuf"}

Decode = Callable[[Any], Any]


class Otlp:
    """Answers 200 and tells how many were left out, or an error's status with a `google.rpc.Status`."""

    def __init__(self, receiver: Receiver, take_logs: TakeLogs | None = None) -> None:
        self._receiver = receiver
        self._store_logs = take_logs or receiver.otlp_logs

    async def logs(self, request: Request) -> Response:
        return await self._answer(request, self._take_logs, accepted_logs)

    async def traces(self, request: Request) -> Response:
        return await self._answer(request, self._take_traces, accepted_spans)

    async def logs_as_loki(self, request: Request) -> Response:
        """On Loki's own port, with its answers: 204, or an error where anything was left out."""
        return await self._answer(request, self._take_logs_as_loki, _accepted_by_loki)

    async def metrics(self, request: Request) -> Response:
        text = "metrics are not taken here: Prometheus scrapes them from /metrics of each service"
        return refusal(Refused(404, text, "metrics"), "json" if _is_json(request) else "protobuf")

    async def _answer(
        self,
        request: Request,
        take: Callable[[Callable[[Any], Any]], Awaitable[Rejections]],
        accepted: Callable[[Rejections], Any],
    ) -> Response:
        kind: Format = "json" if _is_json(request) else "protobuf"
        try:
            with self._receiver.turn() as turn:
                check_origin(request)
                kind = format_of(request)
                body = await bodies.read(request, self._receiver.limits, turn)
                encoding = request.headers.get("content-encoding", "")
                answer = accepted(await take(partial(self._message, body, encoding, kind)))
        except Refused as refused:
            return refusal(refused, kind)
        return _written(answer, kind) if answer is not None else Response(status_code=204)

    def _take_logs(self, message: Callable[[Any], Any]) -> Awaitable[Rejections]:
        return self._store_logs(lambda: message(ExportLogsServiceRequest))

    def _take_logs_as_loki(self, message: Callable[[Any], Any]) -> Awaitable[Rejections]:
        def streams() -> list[Stream]:
            found = otlp_logs.streams(message(ExportLogsServiceRequest), self._receiver.limits)
            if not any(stream.entries for stream in found):
                raise no_streams()
            return found

        return self._receiver.lines(streams)

    def _take_traces(self, message: Callable[[Any], Any]) -> Awaitable[Rejections]:
        return self._receiver.spans(lambda: message(ExportTraceServiceRequest))

    def _message(self, body: bytes, encoding: str, kind: Format, message: Any) -> Any:
        limits = self._receiver.limits
        content = bodies.inflate(body, encoding, limits)
        if kind == "json":
            return otlp_json.from_json(bodies.parse_json(content, limits), message)
        return otlp_json.from_protobuf(content, message, limits.messages)


def accepted_logs(rejections: Rejections) -> ExportLogsServiceResponse:
    """OTLP's answer, which names those that were left out."""
    answer = ExportLogsServiceResponse()
    if rejections.count:
        answer.partial_success.rejected_log_records = rejections.count
        answer.partial_success.error_message = str(rejections)
    return answer


def accepted_spans(rejections: Rejections) -> ExportTraceServiceResponse:
    """OTLP's answer, which names those that were left out."""
    answer = ExportTraceServiceResponse()
    if rejections.count:
        answer.partial_success.rejected_spans = rejections.count
        answer.partial_success.error_message = str(rejections)
    return answer


def refusal(refused: Refused, kind: Format) -> Response:
    """The error in the request's own format."""
    headers = {"Retry-After": str(refused.retry_after)} if refused.retry_after else None
    return _written(Status(message=str(refused)), kind, refused.status, headers)


def _accepted_by_loki(rejections: Rejections) -> None:
    if rejections.count:
        raise Refused(rejections.status, str(rejections), reason="")


def _written(message: Any, kind: Format, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    content = otlp_json.to_json(message) if kind == "json" else message.SerializeToString()
    return Response(content, status, headers, media_type=_TYPES[kind])


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("application/json")
