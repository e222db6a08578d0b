"""AI requests from the spans of another instrumentation, by OpenTelemetry's `gen_ai.…` attributes."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1 import trace_pb2
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Status as SpanStatus
from opentelemetry.trace import StatusCode

from ai_monitoring.collect import texts
from ai_monitoring.collector.door import check
from ai_monitoring.collector.request import AIRequest
from ai_monitoring.embedded.ingest.refusals import Rejections
from ai_monitoring.embedded.ingest.values import attributes
from ai_monitoring.llm.accounting import NONE
from ai_monitoring.llm.genai_attributes import PROJECT, TEAM, call_result, is_call
from ai_monitoring.llm.genai_spans import OWN_SCOPE
from ai_monitoring.llm.outcome import Status
from ai_monitoring.llm.usage import Usage

_USER: Final = ("enduser.id", "user.id")
_RESPONSE_ID: Final = "gen_ai.response.id"


def requests(message: ExportTraceServiceRequest, rejections: Rejections) -> list[AIRequest]:
    """One for each span that is a call to a model; of a span around another such span, nothing: it is the same call.

    Spans of ai_monitoring's own instrumentation are passed over: their service has counted them. `rejections` gets
    those that tell nothing that could be recorded, such as an empty name of a model.
    """
    calls = list(_calls(message))
    around = {span.parent_span_id for span, _ in calls}
    inner = [(span, known) for span, known in calls if span.span_id not in around]
    return [request for span, known in inner if (request := _checked(span, known, rejections))]


def _checked(span: trace_pb2.Span, known: Mapping[str, Any], rejections: Rejections) -> AIRequest | None:
    try:
        return check(_request(span, known))
    except (TypeError, ValueError) as error:
        rejections.add("malformed", f"a span's {error}")
        return None


def _calls(message: ExportTraceServiceRequest) -> Iterator[tuple[trace_pb2.Span, dict[str, Any]]]:
    """Each span that is a call, with its attributes; those of its resource that say for whom it is, below."""
    for of_resource in message.resource_spans:
        resource = attributes(of_resource.resource.attributes)
        shared = {name: resource[name] for name in (TEAM, PROJECT) if name in resource}
        for of_scope in of_resource.scope_spans:
            if of_scope.scope.name.startswith(OWN_SCOPE):
                continue
            for span in of_scope.spans:
                known = shared | attributes(span.attributes)
                if is_call(known):
                    yield span, known


def _request(span: trace_pb2.Span, known: Mapping[str, Any]) -> AIRequest:
    call = call_result(_readable(span, known))
    usage = call.usage or Usage(0, 0)
    first = call.first_token_seconds
    return AIRequest(
        request_id=str(known.get(_RESPONSE_ID) or f"{span.trace_id.hex()}-{span.span_id.hex()}")[:128],
        provider=call.provider,
        model=call.model,
        operation=call.operation,
        prompt=texts.prompt(known, span.events),
        response=texts.response(known, span.events),
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        reasoning_tokens=usage.reasoning_tokens,
        latency_ms=call.seconds * 1000,
        time_to_first_token_ms=None if first is None else first * 1000,
        error=None if call.status is Status.OK else str(call.status),
        rate_limited=call.status is Status.RATE_LIMITED,
        user=next((str(known[name]) for name in _USER if known.get(name)), None),
        team=None if call.team == NONE else call.team,
        project=None if call.project == NONE else call.project,
        timestamp=span.start_time_unix_nano / 1e9,
    )


def _readable(span: trace_pb2.Span, known: Mapping[str, Any]) -> ReadableSpan:
    """As the instrumentation's own SDK holds it, since that is what tells a call."""
    failed = span.status.code == trace_pb2.Status.STATUS_CODE_ERROR
    return ReadableSpan(
        span.name,
        attributes=known,
        status=SpanStatus(StatusCode.ERROR if failed else StatusCode.UNSET),
        start_time=span.start_time_unix_nano,
        end_time=max(span.start_time_unix_nano, span.end_time_unix_nano),
    )
