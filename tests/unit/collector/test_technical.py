from decimal import Decimal
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from ai_monitoring import MetricsCollector
from ai_monitoring.llm.manual import record_call
from ai_monitoring.llm.usage import Usage

Ask = Any


def samples(registry: CollectorRegistry) -> dict[str, float]:
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for metric in registry.collect()
        for sample in metric.samples
        if sample.name.startswith("llm_")
    }


def test_a_record_counts_as_an_instrumented_call_does(
    collector: MetricsCollector, registry: CollectorRegistry, ask: Ask
) -> None:
    request = ask(time_to_first_token_ms=350.0, cache_read_tokens=400, reasoning_tokens=30)
    before = samples(registry)
    collector.record(request)
    once = samples(registry)
    record_call(
        "openai",
        "gpt-4",
        seconds=0.85,
        first_token_seconds=0.35,
        usage=Usage(1000, 100, 400, 0, 30),
        team="engineering",
        project="chatbot",
        registry=registry,
    )
    twice = samples(registry)
    assert once != before
    assert {name: value - before.get(name, 0) for name, value in once.items()} == pytest.approx(
        {name: value - once[name] for name, value in twice.items()}
    )


def test_the_reading_tells_times_and_speed(collector: MetricsCollector, ask: Ask) -> None:
    reading = collector.record(ask(time_to_first_token_ms=350.0, inference_time_ms=800.0))["technical"]
    assert (reading.latency.time_to_first_token_ms, reading.latency.inference_time_ms) == (350, 800)
    assert reading.tokens_per_second == 200
    assert collector.record(ask(latency_ms=0.0))["technical"].tokens_per_second is None


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("timeout", "timeout"),
        ("APITimeoutError", "timeout"),
        ("network", "connection"),
        ("openai.APIConnectionError", "connection"),
        ("rate limit", "rate_limited"),
        ("rate_limited", "rate_limited"),
        ("RateLimitError", "rate_limited"),
        ("429", "rate_limited"),
        ("503", "server_error"),
        ("content filter", "content_filter"),
        ("NotFoundError", "invalid_request"),
        ("Ada said no", "error"),
    ],
)
def test_an_error_is_counted_by_its_kind(
    collector: MetricsCollector, registry: CollectorRegistry, ask: Ask, error: str, status: str
) -> None:
    reading = collector.record(ask(error=error, response=""))["technical"]
    assert reading.error_type == status
    labels = {"provider": "openai", "model": "gpt-4", "operation": "chat", "status": status}
    assert registry.get_sample_value("llm_requests_total", labels) == 1


def test_a_rate_limit_that_a_retry_mended_counts_too(
    collector: MetricsCollector, registry: CollectorRegistry, ask: Ask
) -> None:
    reading = collector.record(ask(rate_limited=True))["technical"]
    assert (reading.rate_limited, reading.error_type) == (True, None)
    assert registry.get_sample_value("llm_rate_limited_total", {"provider": "openai", "model": "gpt-4"}) == 1


def test_an_answer_from_the_applications_own_cache_is_no_call(
    collector: MetricsCollector, registry: CollectorRegistry, ask: Ask
) -> None:
    results = collector.record(ask(cache_hit=True))
    assert results["technical"].cache_hit
    assert (results["finops"].cost.total_cost, results["finops"].cache_savings) == (Decimal(0), Decimal("0.012"))
    assert registry.get_sample_value("llm_cache_requests_total", {"result": "hit"}) == 1
    assert registry.get_sample_value("llm_cost_saved_total", {"currency": "USD"}) == pytest.approx(0.012)
    collector.record(ask())
    assert registry.get_sample_value("llm_cache_requests_total", {"result": "miss"}) == 1
    labels = {"provider": "openai", "model": "gpt-4", "operation": "chat", "status": "ok"}
    assert registry.get_sample_value("llm_requests_total", labels) == 1


def test_an_unknown_model_is_unpriced_and_not_free(
    collector: MetricsCollector, registry: CollectorRegistry, ask: Ask
) -> None:
    cost = collector.record(ask(model="nobody-knows-it"))["finops"].cost
    assert (cost.priced, cost.total_cost) == (False, Decimal(0))
    labels = {"provider": "openai", "model": "nobody-knows-it"}
    assert registry.get_sample_value("llm_unpriced_requests_total", labels) == 1
