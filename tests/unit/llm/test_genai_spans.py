"""Spans as other instrumentations make them, by hand; sdk/test_opentelemetry.py has the real ones."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from opentelemetry import context, trace
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, Tracer, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased, Sampler, TraceIdRatioBased
from opentelemetry.trace import StatusCode
from prometheus_client import CollectorRegistry
from sdk_calls import counted

from ai_monitoring.llm import attribution, llm_call, meter
from ai_monitoring.llm.genai_spans import GenAISpanCounter, KeepGenAI
from ai_monitoring.telemetry import spans

pytestmark = pytest.mark.usefixtures("in_dollars")

SAMPLERS: dict[str, Sampler] = {
    "all": ALWAYS_ON,
    "none": ALWAYS_OFF,
    "a share of none": TraceIdRatioBased(0),
    "as the parent": ParentBased(TraceIdRatioBased(0)),
}
CHAT: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.input_tokens": 1000,
    "gen_ai.usage.output_tokens": 100,
}
OK = "llm_requests_total{gpt-4o,chat,openai,ok}"


class Traces:
    """A provider of the application's, whose exported spans are kept."""

    def __init__(self, sampler: Sampler, *processors: SpanProcessor) -> None:
        self.exported = InMemorySpanExporter()
        self.provider = TracerProvider(sampler=sampler, shutdown_on_exit=False)
        for processor in (*processors, SimpleSpanProcessor(self.exported)):
            self.provider.add_span_processor(processor)

    @property
    def tracer(self) -> Tracer:
        return self.provider.get_tracer("opentelemetry.instrumentation.other")  # type: ignore[return-value]

    @contextmanager
    def span(self, attributes: dict[str, Any], name: str = "chat gpt-4o", **more: Any) -> Iterator[trace.Span]:
        """As an instrumentation does: what the answer tells is set at the end."""
        late = {key: value for key, value in attributes.items() if "usage" in key or "response" in key}
        early = {key: value for key, value in attributes.items() if key not in late}
        with self.tracer.start_as_current_span(name, attributes=early, **more) as span:
            yield span
            span.set_attributes(late)


Make = Callable[[Sampler], Traces]


@pytest.fixture
def make(registry: CollectorRegistry) -> Make:
    return lambda sampler: Traces(KeepGenAI(sampler), GenAISpanCounter(registry))


@pytest.fixture(params=SAMPLERS)
def traces(request: pytest.FixtureRequest, make: Make) -> Traces:
    """Whatever is sampled, the counts are the same."""
    return make(SAMPLERS[request.param])


def requests(registry: CollectorRegistry) -> dict[str, float]:
    names = ("llm_requests_total", "ai_monitoring_instr")
    return {name: value for name, value in counted(registry).items() if name.startswith(names)}


def test_a_call_is_counted_once_with_its_tokens_and_cost(traces: Traces, registry: CollectorRegistry) -> None:
    parts = {
        "gen_ai.usage.cache_read.input_tokens": 400,
        "gen_ai.usage.cache_write.input_tokens": 0,
        "gen_ai.usage.reasoning.output_tokens": 60,
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.response.time_to_first_chunk": 0.5,
    }
    with traces.span(CHAT | parts):
        pass
    found = counted(registry)
    assert found[OK] == found["llm_request_duration_seconds_count{gpt-4o,chat,openai}"] == 1
    assert found["llm_time_to_first_token_seconds_count{gpt-4o,openai}"] == 1
    kinds = ("input", "output", "cache_read", "reasoning")
    assert [found[f"llm_tokens_total{{gpt-4o,openai,{kind}}}"] for kind in kinds] == [1000, 100, 400, 60]
    # As in test_prices.py.
    assert found["llm_cost_total{USD,gpt-4o,none,openai,none}"] == pytest.approx(0.003, abs=1e-12)


@pytest.mark.parametrize(
    ("attributes", "series"),
    [
        ({"gen_ai.system": "openai", "gen_ai.usage.prompt_tokens": 7, "gen_ai.usage.completion_tokens": 0}, "chat"),
        ({"gen_ai.system": "openai", "llm.request.type": "chat", "llm.usage.prompt_tokens": 7}, "chat"),
        ({"gen_ai.system": "openai", "llm.request.type": "embedding", "gen_ai.usage.input_tokens": 7}, "embeddings"),
        ({"llm.vendor": "OpenAI", "llm.request.type": "completion", "llm.usage.prompt_tokens": 7}, "completion"),
    ],
)
def test_old_names(traces: Traces, registry: CollectorRegistry, attributes: dict[str, Any], series: str) -> None:
    with traces.span({"gen_ai.request.model": "gpt-4o", **attributes}):
        pass
    found = counted(registry)
    assert found[f"llm_requests_total{{gpt-4o,{series},openai,ok}}"] == 1
    assert found["llm_tokens_total{gpt-4o,openai,input}"] == 7


@pytest.mark.parametrize("name", ["chat gpt-4o", "openai.chat", "chat"])
def test_a_span_that_tells_nothing_at_its_start(traces: Traces, registry: CollectorRegistry, name: str) -> None:
    with traces.tracer.start_as_current_span(name) as span:
        span.set_attributes(CHAT)
    assert requests(registry) == {OK: 1}


def test_what_anthropic_counts_beside_its_input_is_added(traces: Traces, registry: CollectorRegistry) -> None:
    old = {
        "gen_ai.system": "anthropic",
        "gen_ai.request.model": "claude-sonnet-4-5",
        "gen_ai.usage.input_tokens": 5,
        "gen_ai.usage.cache_read_input_tokens": 100,
        "gen_ai.usage.cache_creation_input_tokens": 10,
    }
    with traces.span(old):
        pass
    assert counted(registry)["llm_tokens_total{claude-sonnet-4-5,anthropic,input}"] == 115


@pytest.mark.parametrize("operation", ["invoke_agent", "execute_tool", "invoke_workflow", "create_agent", "retrieval"])
def test_what_is_no_call_is_not_counted(traces: Traces, registry: CollectorRegistry, operation: str) -> None:
    with traces.span(CHAT | {"gen_ai.operation.name": operation}, f"{operation} x"), traces.span({}, "GET /"):
        pass
    assert requests(registry) == {}


def test_an_agent_and_the_calls_below_it(traces: Traces, registry: CollectorRegistry) -> None:
    with traces.span(CHAT | {"gen_ai.operation.name": "invoke_agent"}, "invoke_agent x"):
        for _ in range(3):
            with traces.span(CHAT):
                pass
    assert requests(registry) == {OK: 3}


def test_of_two_spans_for_one_call_the_inner_is_counted(traces: Traces, registry: CollectorRegistry) -> None:
    with traces.span(CHAT | {"gen_ai.provider.name": "langchain"}), traces.span({}, "step"), traces.span(CHAT):
        pass
    assert requests(registry) == {OK: 1}


def test_a_stream_that_ends_after_the_span_around_it(traces: Traces, registry: CollectorRegistry) -> None:
    with traces.span(CHAT):
        inner = traces.tracer.start_span("chat gpt-4o", attributes=CHAT)
    inner.end()
    assert requests(registry) == {OK: 1}


def test_a_call_of_ours_inside_of_a_span(traces: Traces, registry: CollectorRegistry) -> None:
    with traces.span(CHAT | {"gen_ai.provider.name": "langchain"}), traces.span({}, "step"):  # noqa: SIM117
        with llm_call("openai", "gpt-4o", registry=registry):
            pass
    assert requests(registry) == {OK: 1}


def test_our_own_spans_are_not_counted_again(traces: Traces, registry: CollectorRegistry) -> None:
    spans.switch_on(traces.provider.get_tracer("ai_monitoring"))
    try:
        with traces.span({}, "GET /"), llm_call("openai", "gpt-4o", registry=registry) as call:
            call.usage(input_tokens=3)
    finally:
        spans.switch_on(None)
    assert requests(registry) == {OK: 1}


@pytest.mark.parametrize(
    ("kind", "status"),
    [("429", "rate_limited"), ("openai.APITimeoutError", "timeout"), ("KeyError", "error"), ("503", "server_error")],
)
def test_a_failure_is_counted_by_its_kind(traces: Traces, registry: CollectorRegistry, kind: str, status: str) -> None:
    with traces.span(CHAT) as span:
        span.set_attribute("error.type", kind)
    assert requests(registry) == {f"llm_requests_total{{gpt-4o,chat,openai,{status}}}": 1}
    assert counted(registry).get("llm_rate_limited_total{gpt-4o,openai}", 0) == int(status == "rate_limited")


def test_a_failure_of_no_known_kind(traces: Traces, registry: CollectorRegistry) -> None:
    with traces.span(CHAT) as span:
        span.set_status(StatusCode.ERROR)
    assert requests(registry) == {"llm_requests_total{gpt-4o,chat,openai,error}": 1}


def test_providers_have_the_names_of_the_price_table(traces: Traces, registry: CollectorRegistry) -> None:
    with traces.span(CHAT | {"gen_ai.provider.name": "azure.ai.openai"}):
        pass
    assert counted(registry)["llm_cost_total{USD,gpt-4o,none,azure,none}"] > 0


def test_a_call_is_accounted_to_whom_it_was_begun_for(traces: Traces, registry: CollectorRegistry) -> None:
    with attribution(team="search", project="faq"):
        span = traces.tracer.start_span("chat gpt-4o", attributes=CHAT)
    elsewhere = Thread(target=span.end)
    elsewhere.start()
    elsewhere.join()
    assert counted(registry)["llm_cost_total{USD,gpt-4o,faq,openai,search}"] > 0


def test_what_is_dropped_is_recorded_and_not_exported(make: Make) -> None:
    traces = make(ALWAYS_OFF)
    with traces.span({}, "GET /") as request, traces.span(CHAT) as call, traces.span({}, "step") as step:
        assert not request.is_recording()
        assert call.is_recording()
        assert step.is_recording()
    assert traces.exported.get_finished_spans() == ()


def test_what_is_sampled_is_exported_as_it_is(make: Make) -> None:
    traces = make(ALWAYS_ON)
    with traces.span(CHAT):
        pass
    (span,) = traces.exported.get_finished_spans()
    assert dict(span.attributes or {}) == CHAT
    assert traces.provider.sampler.get_description() == "KeepGenAI(AlwaysOnSampler)"


def test_a_parent_in_another_process_is_left_alone(make: Make, registry: CollectorRegistry) -> None:
    parent = trace.SpanContext(1, 2, is_remote=True, trace_flags=trace.TraceFlags(1))
    token = context.attach(trace.set_span_in_context(trace.NonRecordingSpan(parent)))
    with make(ALWAYS_ON).span(CHAT):
        pass
    context.detach(token)
    assert requests(registry) == {OK: 1}


@pytest.mark.parametrize("value", ["many", -1, 1.5])
def test_malformed_counts_are_no_counts(make: Make, registry: CollectorRegistry, value: Any) -> None:
    with make(ALWAYS_ON).span(CHAT | {"gen_ai.usage.input_tokens": value, "gen_ai.usage.output_tokens": value}):
        pass
    assert requests(registry) == {OK: 1}
    assert not [series for series in counted(registry) if series.startswith("llm_tokens")]


def test_an_error_of_ours_does_not_reach_the_application(
    make: Make, registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(meter, "count", broken)
    monkeypatch.setattr("ai_monitoring.llm.accounting.labels", broken)
    with make(ALWAYS_ON).span(CHAT):
        pass
    assert requests(registry) == {"ai_monitoring_instrumentation_errors_total{genai_spans}": 2}


def test_flushing_and_shutting_down_wait_for_nothing(registry: CollectorRegistry) -> None:
    counter = GenAISpanCounter(registry)
    assert counter.force_flush()
    counter.shutdown()
    counter.on_end(ReadableSpan("chat gpt-4o"))
    assert requests(registry) == {}
