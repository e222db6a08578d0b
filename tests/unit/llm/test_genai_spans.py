"""Counting other instrumentations' spans, whatever is sampled, and each call once."""

from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest
from llm_upstream import upstream
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, Sampler, TraceIdRatioBased
from opentelemetry.trace import Status, StatusCode, Tracer
from prometheus_client import CollectorRegistry

from ai_monitoring.llm.genai_spans import GenAISpanCounter, KeepGenAI
from ai_monitoring.llm.instrumentation import instrument, uninstrument
from ai_monitoring.llm.manual import llm_call
from ai_monitoring.telemetry import spans

pytestmark = pytest.mark.usefixtures("in_dollars")
SAMPLERS = pytest.mark.parametrize("sampler", [ALWAYS_ON, TraceIdRatioBased(0)], ids=["all", "none"])
MESSAGES: Any = [{"role": "user", "content": "When do shoes wear out?"}]

NEW: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.response.model": "gpt-4o-2024-08-06",
    "gen_ai.usage.input_tokens": 1000,
    "gen_ai.usage.output_tokens": 100,
    "gen_ai.usage.cache_read.input_tokens": 400,
    "gen_ai.usage.reasoning.output_tokens": 60,
}
OLD: dict[str, Any] = {
    "llm.request.type": "chat",
    "gen_ai.system": "OpenAI",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.prompt_tokens": 1000,
    "gen_ai.usage.completion_tokens": 100,
    "gen_ai.usage.cache_read_input_tokens": 400,
    "gen_ai.usage.reasoning_tokens": 60,
}


def provider_of(sampler: Sampler, registry: CollectorRegistry) -> TracerProvider:
    provider = TracerProvider(sampler=KeepGenAI(sampler), shutdown_on_exit=False)
    provider.add_span_processor(GenAISpanCounter(registry))
    return provider


@pytest.fixture
def tracer(registry: CollectorRegistry) -> Tracer:
    return provider_of(ALWAYS_ON, registry).get_tracer("another")


def calls(registry: CollectorRegistry) -> float:
    samples = (sample for family in registry.collect() for sample in family.samples)
    return sum(sample.value for sample in samples if sample.name == "llm_requests_total")


def value(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(name, {"provider": "openai", "model": "gpt-4o", **labels})


@SAMPLERS
@pytest.mark.parametrize("attributes", [NEW, OLD], ids=["new", "old"])
def test_a_span_is_counted_whatever_is_sampled(
    attributes: dict[str, Any], sampler: Sampler, registry: CollectorRegistry
) -> None:
    with provider_of(sampler, registry).get_tracer("another").start_as_current_span("chat gpt-4o") as span:
        span.set_attributes(attributes)
    assert calls(registry) == value(registry, "llm_requests_total", operation="chat", status="ok") == 1
    tokens = {kind: value(registry, "llm_tokens_total", type=kind) for kind in ("input", "output", "cache_read")}
    assert tokens == {"input": 1000, "output": 100, "cache_read": 400}
    assert value(registry, "llm_tokens_total", type="reasoning") == 60
    cost = value(registry, "llm_cost_total", team="none", project="none", currency="USD")
    assert cost == pytest.approx(0.003, abs=1e-12)  # as in test_prices.py


@pytest.mark.parametrize("written", ["cache_write.input_tokens", "cache_creation.input_tokens"])
def test_cached_tokens_that_the_input_leaves_out_are_added(
    written: str, tracer: Tracer, registry: CollectorRegistry
) -> None:
    told = {"input_tokens": 10, "output_tokens": 5, "cache_read.input_tokens": 300, written: 200}
    with tracer.start_as_current_span("chat claude") as span:
        span.set_attributes({"gen_ai.operation.name": "chat", "gen_ai.provider.name": "anthropic"})
        span.set_attributes({"gen_ai.request.model": "claude", **{f"gen_ai.usage.{key}": told[key] for key in told}})
    labels = {"provider": "anthropic", "model": "claude", "type": "input"}
    assert registry.get_sample_value("llm_tokens_total", labels) == 510


@pytest.mark.parametrize(
    ("kind", "status"), [("RateLimitError", "rate_limited"), ("401", "authentication"), (None, "error")]
)
def test_a_failed_span_has_its_status(
    kind: str | None, status: str, tracer: Tracer, registry: CollectorRegistry
) -> None:
    with tracer.start_as_current_span("chat gpt-4o") as span:
        span.set_attributes({**NEW, **({"error.type": kind} if kind else {})})
        span.set_status(Status(StatusCode.ERROR))
    assert value(registry, "llm_requests_total", operation="chat", status=status) == 1


@pytest.mark.parametrize("operation", ["invoke_agent", "create_agent", "execute_tool", "invoke_workflow", "retrieval"])
def test_what_is_no_call_is_not_counted(operation: str, tracer: Tracer, registry: CollectorRegistry) -> None:
    with tracer.start_as_current_span(f"{operation} x") as span:
        span.set_attributes({**NEW, "gen_ai.operation.name": operation})
    with tracer.start_as_current_span("GET /"):
        pass
    assert calls(registry) == 0


def test_the_inner_of_two_spans_for_one_call_counts(tracer: Tracer, registry: CollectorRegistry) -> None:
    with tracer.start_as_current_span("chat", attributes=NEW), tracer.start_as_current_span("chat", attributes=NEW):
        pass
    assert calls(registry) == 1


def test_each_call_of_an_agent_counts(tracer: Tracer, registry: CollectorRegistry) -> None:
    with tracer.start_as_current_span("invoke_agent", attributes={**NEW, "gen_ai.operation.name": "invoke_agent"}):
        for _ in range(3):
            with tracer.start_as_current_span("chat", attributes=NEW):
                pass
    assert calls(registry) == 3


@SAMPLERS
def test_a_call_of_ours_within_the_span_counts_once(sampler: Sampler, registry: CollectorRegistry) -> None:
    tracer = provider_of(sampler, registry).get_tracer("another")
    with tracer.start_as_current_span("chat", attributes=NEW), llm_call("openai", "gpt-4o", registry=registry):
        pass
    assert calls(registry) == 1


def test_our_own_span_is_not_counted_again(registry: CollectorRegistry) -> None:
    spans.switch_on(provider_of(ALWAYS_ON, registry).get_tracer("ai_monitoring.telemetry"))
    try:
        with llm_call("openai", "gpt-4o", registry=registry) as call:
            call.usage(input_tokens=7)
    finally:
        spans.switch_on(None)
    assert calls(registry) == 1
    assert value(registry, "llm_tokens_total", type="input") == 7


def test_what_sampling_keeps_is_kept_and_the_rest_only_recorded(registry: CollectorRegistry) -> None:
    tracer = provider_of(TraceIdRatioBased(0), registry).get_tracer("another")
    call, request = tracer.start_span("chat gpt-4o"), tracer.start_span("GET /")
    assert (call.is_recording(), call.get_span_context().trace_flags.sampled) == (True, False)
    assert not request.is_recording()
    call.end()
    kept = provider_of(ALWAYS_ON, registry).get_tracer("another").start_span("GET /")
    assert kept.get_span_context().trace_flags.sampled
    kept.end()


@pytest.fixture
def watched_by_opentelemetry(registry: CollectorRegistry) -> Iterator[Callable[[Sampler], None]]:
    instrumentor = OpenAIInstrumentor()
    yield lambda sampler: instrumentor.instrument(tracer_provider=provider_of(sampler, registry))
    instrumentor.uninstrument()


@SAMPLERS
@pytest.mark.parametrize("ours", [False, True], ids=["alone", "beside ours"])
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_the_real_instrumentation_counts_each_call_once(
    streamed: bool,
    ours: bool,
    sampler: Sampler,
    watched_by_opentelemetry: Callable[[Sampler], None],
    registry: CollectorRegistry,
) -> None:
    watched_by_opentelemetry(sampler)
    if ours:
        instrument(registry=registry)
    try:
        with upstream() as address, openai.DefaultHttpxClient(verify=False) as http:
            client = openai.OpenAI(api_key="made up", base_url=f"{address}/v1", max_retries=0, http_client=http)
            if streamed:
                settings: Any = {"stream": True, "stream_options": {"include_usage": True}}
                list(client.chat.completions.create(model="gpt-4o", messages=MESSAGES, **settings))
            else:
                client.chat.completions.create(model="gpt-4o", messages=MESSAGES)
    finally:
        uninstrument()
    assert calls(registry) == 1
    assert (value(registry, "llm_tokens_total", type="output") or 0) > 0
