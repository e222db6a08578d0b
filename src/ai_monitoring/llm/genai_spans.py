"""Counting the calls that another OpenTelemetry instrumentation traces, by the `gen_ai.…` attributes of its spans.

https://opentelemetry.io/docs/specs/semconv/gen-ai/ and the names that came before. `telemetry.set_up` installs both;
with a provider of your own:

    provider = TracerProvider(sampler=KeepGenAI(your_sampler))
    provider.add_span_processor(GenAISpanCounter())
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, StatusCode
from opentelemetry.trace.span import TraceState
from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.llm import accounting, meter
from ai_monitoring.llm.claims import claim, take_claim, want_claims
from ai_monitoring.llm.errors import count_error
from ai_monitoring.llm.meter import CallResult
from ai_monitoring.llm.outcome import Status, status_of_name
from ai_monitoring.llm.usage import Usage

OWN_SCOPE: Final = "ai_monitoring"

OPERATIONS: Final = {
    "chat": "chat",
    "generate_content": "chat",
    "completion": "completion",
    "text_completion": "completion",
    "embeddings": "embeddings",
    "embedding": "embeddings",
    "responses": "responses",
    "messages": "messages",
}
"""What an instrumentation calls an operation, and what the label says. Agents, tools and workflows are no calls."""

PROVIDERS: Final = {
    "az.ai.openai": "azure",
    "azure.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "aws.bedrock": "aws",
    "gcp.gemini": "google",
    "gcp.gen_ai": "google",
    "gcp.vertex_ai": "google",
    "gemini": "google",
    "vertex_ai": "google",
    "mistral_ai": "mistral",
    "x_ai": "x-ai",
    "xai": "x-ai",
}
"""OpenTelemetry's names of providers, and those of the label, under which genai-prices knows them."""

_OPERATION = ("gen_ai.operation.name", "llm.request.type")
_PROVIDER = ("gen_ai.provider.name", "gen_ai.system", "llm.vendor")
_MODEL = ("gen_ai.request.model", "llm.request.model", "gen_ai.response.model", "llm.response.model")
_ANSWERED_BY = ("gen_ai.response.model", "llm.response.model")
_INPUT = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens")
_OUTPUT = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.usage.completion_tokens")
_CACHE_READ = ("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens")
_CACHE_WRITE = (
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
)
_REASONING = ("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens")
_FIRST_TOKEN = ("gen_ai.response.time_to_first_chunk", "gen_ai.server.time_to_first_token")

Attributes = Mapping[str, Any]


class GenAISpanCounter(SpanProcessor):
    """Counts each span that stands for a call to a model, unless the call is counted already.

    Not counted: spans of our own; spans around a call of our own; the outer of two spans for one call, as a framework's
    around its SDK's.
    """

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._registry = registry
        want_claims()

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Nothing is known yet."""

    def on_end(self, span: ReadableSpan) -> None:
        try:
            self._see(span)
        except Exception:
            count_error("genai_spans", self._registry)

    def _see(self, span: ReadableSpan) -> None:
        context = span.get_span_context()
        claimed = context is not None and take_claim(context.trace_id, context.span_id)
        attributes = span.attributes or {}
        is_call = _is_call(attributes)
        if is_call and not claimed and not _is_own(span):
            meter.count(_result(span, attributes), self._registry)
        if (is_call or claimed) and span.parent is not None and not span.parent.is_remote:
            claim(span.parent.trace_id, span.parent.span_id)

    def shutdown(self) -> None:
        """Nothing waits."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return True


class KeepGenAI(Sampler):
    """Samples as `sampler` does, but lets spans that may stand for a call be recorded, though not exported, where it
    drops them: what is counted must not depend on what is sampled.
    """

    def __init__(self, sampler: Sampler) -> None:
        self._sampler = sampler

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Any = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        result = self._sampler.should_sample(parent_context, trace_id, name, kind, attributes, links, trace_state)
        if result.decision is Decision.DROP and _may_be_call(name, attributes or {}):
            return SamplingResult(Decision.RECORD_ONLY, attributes, result.trace_state)
        return result

    def get_description(self) -> str:
        return f"KeepGenAI({self._sampler.get_description()})"


def _may_be_call(name: str, attributes: Attributes) -> bool:
    """Told at a span's start, when an instrumentation may not have set its attributes yet."""
    return any(key.startswith(("gen_ai.", "llm.")) for key in attributes) or (
        name.lower().replace(".", " ").split(" ")[-1] in OPERATIONS or name.lower().split(" ")[0] in OPERATIONS
    )


def _is_call(attributes: Attributes) -> bool:
    operation = _first(attributes, _OPERATION)
    if operation is not None:
        return str(operation).lower() in OPERATIONS
    return _first(attributes, _PROVIDER) is not None and _first(attributes, _MODEL) is not None


def _is_own(span: ReadableSpan) -> bool:
    scope = span.instrumentation_scope
    return scope is not None and scope.name.startswith(OWN_SCOPE)


def _result(span: ReadableSpan, attributes: Attributes) -> CallResult:
    status = _status(span, attributes)
    team, project = accounting.labels()
    provider = str(_first(attributes, _PROVIDER) or "unknown").lower()
    answered_by = _first(attributes, _ANSWERED_BY)
    first_token = _first(attributes, _FIRST_TOKEN)
    return CallResult(
        provider=PROVIDERS.get(provider, provider),
        model=str(_first(attributes, _MODEL) or "unknown"),
        operation=OPERATIONS.get(str(_first(attributes, _OPERATION)).lower(), "chat"),
        status=status,
        seconds=((span.end_time or 0) - (span.start_time or 0)) / 1e9,
        team=team,
        project=project,
        answered_by=None if answered_by is None else str(answered_by),
        first_token_seconds=first_token if isinstance(first_token, int | float) else None,
        usage=_usage(attributes),
        rate_limited=int(status is Status.RATE_LIMITED),
    )


def _usage(attributes: Attributes) -> Usage | None:
    counted, generated = _count(attributes, _INPUT), _count(attributes, _OUTPUT)
    if counted is None and generated is None:
        return None
    told, written = _count(attributes, _CACHE_READ), _count(attributes, _CACHE_WRITE) or 0
    read = told or 0
    counted = counted or 0
    if read + written > counted:
        # Anthropic's own count, which leaves cached tokens out.
        counted += read + written
    return Usage(counted, generated or 0, read, written, _count(attributes, _REASONING) or 0, told is not None)


def _status(span: ReadableSpan, attributes: Attributes) -> Status:
    kind = attributes.get("error.type")
    if kind is not None:
        return status_of_name(str(kind))
    return Status.ERROR if span.status.status_code is StatusCode.ERROR else Status.OK


def _first(attributes: Attributes, names: tuple[str, ...]) -> Any:
    return next((attributes[name] for name in names if name in attributes), None)


def _count(attributes: Attributes, names: tuple[str, ...]) -> int | None:
    value = _first(attributes, names)
    return value if isinstance(value, int) and value >= 0 else None
