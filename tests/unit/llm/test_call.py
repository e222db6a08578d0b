import gc
import logging
import threading
import tracemalloc
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics.exposition import generate_latest
from recorded_spans import attributes, recorded_spans

from ai_monitoring.llm import meter
from ai_monitoring.llm.call import LLMCall
from ai_monitoring.llm.outcome import Status
from ai_monitoring.llm.usage import Usage
from ai_monitoring.telemetry import spans

pytestmark = pytest.mark.usefixtures("in_dollars")

USAGE = Usage(1000, 100, cache_read_tokens=400, reasoning_tokens=60, caching_told=True)
KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz"


class Series:
    """The value of a series of `openai` and `gpt-4o`; None where there is none."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def __call__(self, name: str, **labels: str) -> float | None:
        return self._registry.get_sample_value(name, {"provider": "openai", "model": "gpt-4o", **labels})


@pytest.fixture
def series(registry: CollectorRegistry) -> Series:
    return Series(registry)


def made(registry: CollectorRegistry, **settings: Any) -> LLMCall:
    return LLMCall("openai", "gpt-4o", registry=registry, **settings)


def test_a_call_is_counted_when_it_ends(registry: CollectorRegistry, series: Series) -> None:
    call = made(registry, team="search", project="faq")
    assert series("llm_requests_total", operation="chat", status="ok") == 0
    assert series("llm_cost_total", team="search", project="faq", currency="USD") == 0
    call.use(USAGE)
    call.end()
    assert series("llm_requests_total", operation="chat", status="ok") == 1
    assert series("llm_request_duration_seconds_count", operation="chat") == 1
    assert series("llm_time_to_first_token_seconds_count") is None
    tokens = {kind: series("llm_tokens_total", type=kind) for kind, _ in USAGE.by_type()}
    assert tokens == {"input": 1000, "output": 100, "cache_read": 400, "cache_write": 0, "reasoning": 60}
    # As in test_prices.py.
    cost = series("llm_cost_total", team="search", project="faq", currency="USD")
    assert cost == pytest.approx(0.003, abs=1e-12)
    assert series("llm_unpriced_requests_total") == series("llm_estimated_requests_total") == 0
    assert registry.get_sample_value("llm_cache_requests_total", {"result": "hit"}) == 1
    assert registry.get_sample_value("llm_cost_saved_total", {"currency": "USD"}) == pytest.approx(0.0005, abs=1e-12)


def test_times_run_to_the_first_token_and_to_the_end(
    registry: CollectorRegistry, series: Series, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = iter([10.0, 10.5, 11.0, 13.0])
    monkeypatch.setattr("ai_monitoring.llm.call.clock", lambda: next(ticks))
    call = made(registry)
    call.first_token()
    call.first_token()
    call.use(USAGE)
    next(ticks)
    call.end()
    assert series("llm_time_to_first_token_seconds_sum") == 0.5
    assert series("llm_request_duration_seconds_sum", operation="chat") == 3.0
    assert series("llm_output_tokens_per_second_sum") == 100 / 2.5


def test_a_call_ends_once(registry: CollectorRegistry, series: Series) -> None:
    call = made(registry)
    threads = [threading.Thread(target=call.end) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    call.end(Status.ERROR)
    assert series("llm_requests_total", operation="chat", status="ok") == 1
    assert series("llm_requests_total", operation="chat", status="error") is None


def test_what_rules_look_at_is_there_from_the_start(registry: CollectorRegistry, series: Series) -> None:
    made(registry)
    for status in ("ok", "rate_limited", "server_error", "timeout"):
        assert series("llm_requests_total", operation="chat", status=status) == 0
    for counter in ("llm_rate_limited_total", "llm_unpriced_requests_total", "llm_estimated_requests_total"):
        assert series(counter) == 0


def test_what_the_provider_tells_goes_before_an_estimate(registry: CollectorRegistry, series: Series) -> None:
    call = made(registry)
    call.estimate(Usage(1, 1))
    call.use(Usage(20, 2))
    call.end()
    assert series("llm_tokens_total", type="input") == 20
    assert series("llm_estimated_requests_total") == 0


def test_an_estimate_counts_as_estimated(registry: CollectorRegistry, series: Series) -> None:
    call = made(registry)
    call.estimate(Usage(10, 1))
    call.end(Status.ABANDONED)
    assert series("llm_tokens_total", type="input") == 10
    assert series("llm_estimated_requests_total") == 1


def test_a_model_without_a_price_is_unpriced(registry: CollectorRegistry) -> None:
    call = LLMCall("openai", "nobody-knows", registry=registry)
    call.use(USAGE)
    call.end()
    labels = {"provider": "openai", "model": "nobody-knows"}
    assert registry.get_sample_value("llm_unpriced_requests_total", labels) == 1
    assert registry.get_sample_value("llm_cache_requests_total", {"result": "hit"}) == 1
    assert "llm_cost_total{" not in generate_latest(registry).decode()


def test_a_call_that_used_nothing_is_not_unpriced(registry: CollectorRegistry) -> None:
    LLMCall("openai", "nobody-knows", registry=registry).end(Status.CONNECTION)
    labels = {"provider": "openai", "model": "nobody-knows"}
    assert registry.get_sample_value("llm_unpriced_requests_total", labels) == 0


def test_a_told_cache_that_had_nothing_is_a_miss(registry: CollectorRegistry) -> None:
    for told in (True, False):
        call = made(registry)
        call.use(Usage(1000, 100, caching_told=told))
        call.end()
    assert registry.get_sample_value("llm_cache_requests_total", {"result": "miss"}) == 1
    assert registry.get_sample_value("llm_cache_requests_total", {"result": "hit"}) == 0


def test_answers_of_429_are_counted_each(registry: CollectorRegistry, series: Series) -> None:
    retried = made(registry)
    retried.rate_limited()
    retried.rate_limited()
    retried.end()
    assert series("llm_rate_limited_total") == 2
    made(registry).end(Status.RATE_LIMITED)
    assert series("llm_rate_limited_total") == 3


def test_an_error_is_logged_without_its_text(registry: CollectorRegistry, caplog: pytest.LogCaptureFixture) -> None:
    made(registry).end(Status.AUTHENTICATION, PermissionError(f"Incorrect key {KEY}"))
    (record,) = caplog.records
    assert record.name == "ai_monitoring.llm"
    assert record.getMessage().startswith("LLM error: openai gpt-4o, authentication after ")
    facts = record.__dict__
    assert (facts["gen_ai.provider.name"], facts["gen_ai.request.model"]) == ("openai", "gpt-4o")
    assert (facts["status"], facts["error.type"]) == ("authentication", "PermissionError")
    assert KEY not in repr(facts)


@pytest.mark.parametrize("status", [Status.OK, Status.CANCELLED, Status.ABANDONED])
def test_who_goes_away_is_no_error(
    status: Status, registry: CollectorRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    made(registry).end(status)
    assert not caplog.records


def test_a_call_is_a_client_span(registry: CollectorRegistry) -> None:
    with recorded_spans() as recorded:
        with spans.span("outer"):
            call = made(registry)
            assert spans.current().traceparent != call._span.traceparent  # it may end elsewhere
        call.answered_by("gpt-4o-2024-08-06")
        call.use(USAGE)
        call.end()
        span = recorded["chat gpt-4o"]
    assert span.kind.name == "CLIENT"
    outer = recorded["outer"].get_span_context()
    assert span.parent is not None
    assert outer is not None
    assert span.parent.span_id == outer.span_id
    assert attributes(span) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.output_tokens": 100,
        "gen_ai.usage.cache_read.input_tokens": 400,
        "gen_ai.usage.reasoning.output_tokens": 60,
    }


def test_a_failed_span_holds_no_text(registry: CollectorRegistry) -> None:
    with recorded_spans() as recorded:
        made(registry).end(Status.AUTHENTICATION, PermissionError(KEY))
        assert attributes(recorded["chat gpt-4o"])["error.type"] == "PermissionError"
        assert KEY not in recorded.text()


def test_latencies_carry_the_trace(registry: CollectorRegistry) -> None:
    with recorded_spans() as recorded:
        call = made(registry)
        call.first_token()
        call.end()
        context = recorded["chat gpt-4o"].get_span_context()
    assert context is not None
    trace = f"{context.trace_id:032x}"
    text = generate_latest(registry).decode()
    for name in ("llm_request_duration_seconds_bucket", "llm_time_to_first_token_seconds_bucket"):
        assert any(line.startswith(name) and trace in line for line in text.splitlines()), name


def test_a_broken_configuration_is_told_once_and_breaks_no_call(
    in_dollars: Any, registry: CollectorRegistry, series: Series, caplog: pytest.LogCaptureFixture
) -> None:
    in_dollars.write_text("curency: EUR\n")
    for _ in range(3):
        call = made(registry)
        call.use(USAGE)
        call.end()
    assert series("llm_requests_total", operation="chat", status="ok") == 3
    assert series("llm_unpriced_requests_total") == 3
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "did you mean currency?" in record.getMessage()


def test_an_error_of_ours_stays_with_us(registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(registry: CollectorRegistry) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr(meter, "meter", broken)
    made(registry).end()
    errors = registry.get_sample_value("ai_monitoring_instrumentation_errors_total", {"component": "llm"})
    assert errors == 2  # at its begin and at its end


def test_memory_is_flat(registry: CollectorRegistry) -> None:
    def call(times: int) -> None:
        for _ in range(times):
            one = made(registry)
            one.first_token()
            one.use(USAGE)
            one.end()

    def grown() -> int:
        before = tracemalloc.get_traced_memory()[0]
        call(500)
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before

    call(100)
    gc.collect()
    tracemalloc.start()
    try:
        call(100)
        # Threads of other tests may allocate meanwhile; an object kept for each call would show each time.
        assert min(grown() for _ in range(3)) < 10_000
    finally:
        tracemalloc.stop()
