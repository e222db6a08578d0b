"""Counting the calls that another OpenTelemetry instrumentation traces, by the `gen_ai.…` attributes of its spans.

`telemetry.set_up` installs both of these; with a provider of your own:

    provider = TracerProvider(sampler=KeepGenAI(your_sampler))
    provider.add_span_processor(GenAISpanCounter())
"""

from collections.abc import Sequence
from typing import Any, Final

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, get_current_span
from opentelemetry.trace.span import TraceState
from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.llm import accounting, meter
from ai_monitoring.llm.claims import claim, take_claim, under_way, want_claims
from ai_monitoring.llm.errors import count_error
from ai_monitoring.llm.genai_attributes import PROJECT, TEAM, call_result, is_call, may_be_call

OWN_SCOPE: Final = "ai_monitoring"


class GenAISpanCounter(SpanProcessor):
    """Counts each span that stands for a call to a model, unless the call is counted already.

    Not counted: spans of our own; spans around or within a call of our own; the outer of two spans for one call, as a
    framework's around its SDK's.
    """

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._registry = registry
        want_claims()

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """A stream may end after the span around it, and where no attribution holds: both are settled here."""
        try:
            attributes = span.attributes or {}
            if under_way.get():
                # An SDK that traces itself, as Anthropic's does, within a request that we watch.
                claim(span.context.trace_id, span.context.span_id)
            if may_be_call(span.name, attributes) and not _is_own(span):
                span.set_attributes(_attribution())
            if is_call(attributes):
                _claim_parent(span)
        except Exception:
            count_error("genai_spans", self._registry)

    def on_end(self, span: ReadableSpan) -> None:
        try:
            self._see(span)
        except Exception:
            count_error("genai_spans", self._registry)

    def _see(self, span: ReadableSpan) -> None:
        context = span.get_span_context()
        claimed = context is not None and take_claim(context.trace_id, context.span_id)
        call = is_call(span.attributes or {})
        if call and not claimed and not _is_own(span):
            meter.count(call_result(span), self._registry)
        if call or claimed:
            _claim_parent(span)

    def shutdown(self) -> None:
        """Nothing waits."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return True


class KeepGenAI(Sampler):
    """Samples as `sampler` does, but lets spans that may stand for a call, and those below them, be recorded, though
    not exported, where it drops them: what is counted must not depend on what is sampled.
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
        if result.decision is Decision.DROP and (may_be_call(name, attributes or {}) or _is_kept(parent_context)):
            return SamplingResult(Decision.RECORD_ONLY, attributes, result.trace_state)
        return result

    def get_description(self) -> str:
        return f"KeepGenAI({self._sampler.get_description()})"


def _is_kept(parent_context: Context | None) -> bool:
    """Whether the parent is recorded and not exported. A gap between two spans of one call would count both."""
    parent = get_current_span(parent_context)
    return parent.is_recording() and not parent.get_span_context().trace_flags.sampled


def _claim_parent(span: ReadableSpan) -> None:
    if span.parent is not None and not span.parent.is_remote:
        claim(span.parent.trace_id, span.parent.span_id)


def _attribution() -> dict[str, str]:
    named = zip((TEAM, PROJECT), accounting.labels(), strict=True)
    return {name: value for name, value in named if value != accounting.NONE}


def _is_own(span: ReadableSpan) -> bool:
    scope = span.instrumentation_scope
    return scope is not None and scope.name.startswith(OWN_SCOPE)
