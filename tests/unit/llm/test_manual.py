import asyncio

import pytest
from prometheus_client import CollectorRegistry

from ai_monitoring.llm.accounting import attribution
from ai_monitoring.llm.manual import llm_call, record_cache, record_call
from ai_monitoring.llm.usage import Usage

pytestmark = pytest.mark.usefixtures("in_dollars")


def value(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(name, {"provider": "openai", "model": "gpt-4o", **labels})


class BusyError(Exception):
    status_code = 429


def test_a_block_is_a_call(registry: CollectorRegistry) -> None:
    with attribution(project="faq"), llm_call("openai", "gpt-4o", team="search", registry=registry) as call:
        call.first_token()
        call.answered_by("gpt-4o-mini")
        call.usage(input_tokens=1000, output_tokens=100, cache_read_tokens=0)
    assert value(registry, "llm_requests_total", operation="chat", status="ok") == 1
    assert value(registry, "llm_time_to_first_token_seconds_count") == 1
    cost = value(registry, "llm_cost_total", team="search", project="faq", currency="USD")
    assert cost == pytest.approx(0.00021, abs=1e-12)
    assert registry.get_sample_value("llm_cache_requests_total", {"result": "miss"}) == 1


def test_an_exception_passes_through_and_is_counted_by_its_kind(registry: CollectorRegistry) -> None:
    with pytest.raises(BusyError), llm_call("openai", "gpt-4o", registry=registry):
        raise BusyError
    assert value(registry, "llm_requests_total", operation="chat", status="rate_limited") == 1
    assert value(registry, "llm_rate_limited_total") == 1


async def test_an_async_block_is_a_call(registry: CollectorRegistry) -> None:
    async with llm_call("openai", "gpt-4o", "embeddings", registry=registry) as call:
        call.usage(input_tokens=7)
    assert value(registry, "llm_tokens_total", type="input") == 7


async def test_a_cancelled_task_is_cancelled(registry: CollectorRegistry) -> None:
    begun = asyncio.Event()

    async def ask() -> None:
        async with llm_call("openai", "gpt-4o", registry=registry):
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(ask())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert value(registry, "llm_requests_total", operation="chat", status="cancelled") == 1


def test_a_call_that_is_over_can_be_recorded(registry: CollectorRegistry) -> None:
    record_call(
        "openai",
        "gpt-4o",
        seconds=2.0,
        first_token_seconds=0.5,
        usage=Usage(1000, 30),
        team="search",
        registry=registry,
    )
    assert value(registry, "llm_request_duration_seconds_sum", operation="chat") == 2.0
    assert value(registry, "llm_time_to_first_token_seconds_sum") == 0.5
    assert value(registry, "llm_output_tokens_per_second_sum") == 20.0
    cost = value(registry, "llm_cost_total", team="search", project="none", currency="USD")
    assert cost == pytest.approx(0.0028, abs=1e-12)


def test_a_recorded_call_may_have_failed(registry: CollectorRegistry) -> None:
    record_call("openai", "gpt-4o", seconds=1.0, status="rate_limited", registry=registry)
    assert value(registry, "llm_rate_limited_total") == 1
    with pytest.raises(ValueError, match="odd"):
        record_call("openai", "gpt-4o", seconds=1.0, status="odd", registry=registry)


def test_an_answer_cache_counts_hits_misses_and_what_it_saved(registry: CollectorRegistry) -> None:
    record_cache(hit=False, provider="openai", model="gpt-4o", saved=Usage(1000, 100), registry=registry)
    record_cache(hit=True, registry=registry)
    record_cache(hit=True, provider="openai", model="gpt-4o", saved=Usage(1000, 100), registry=registry)
    assert registry.get_sample_value("llm_cache_requests_total", {"result": "hit"}) == 2
    assert registry.get_sample_value("llm_cache_requests_total", {"result": "miss"}) == 1
    # 1000 x 2.50 + 100 x 10 a million
    assert registry.get_sample_value("llm_cost_saved_total", {"currency": "USD"}) == pytest.approx(0.0035, abs=1e-12)


@pytest.mark.parametrize(("seconds", "observed"), [(0.001, 0), (0.5, 1)])
def test_an_answer_from_a_cache_says_nothing_of_the_speed(
    seconds: float, observed: int, registry: CollectorRegistry
) -> None:
    record_call("openai", "gpt-4o", seconds=seconds, usage=Usage(10, 100), registry=registry)
    assert (value(registry, "llm_output_tokens_per_second_count") or 0) == observed
