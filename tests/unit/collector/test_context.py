import asyncio
import logging
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from ai_monitoring import MetricsCollector, MonitoringContext
from ai_monitoring.collector import context
from ai_monitoring.llm import rag


def requests(registry: CollectorRegistry, status: str) -> float | None:
    labels = {"provider": "openai", "model": "gpt-4", "operation": "chat", "status": status}
    return registry.get_sample_value("llm_requests_total", labels)


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that goes on by a second whenever somebody looks."""
    monkeypatch.setattr(context, "clock", count().__next__)


def watch(collector: MetricsCollector, **fields: Any) -> MonitoringContext:
    return MonitoringContext(collector, provider="openai", model="gpt-4", **fields)


@pytest.mark.usefixtures("seconds")
def test_a_block_is_a_request(collector: MetricsCollector, registry: CollectorRegistry) -> None:
    with watch(collector, team="search") as ctx:
        ctx.set_prompt("How long do shoes last?")
        ctx.first_token()
        ctx.first_token()
        ctx.set_response("Shoes last a year.", input_tokens=50, output_tokens=500, confidence=0.9)
    latency = ctx.results["technical"].latency
    assert (latency.total_ms, latency.time_to_first_token_ms) == (2000, 1000)
    assert ctx.results["cognitive"].quality.overall_score > 0.5
    assert ctx.results["finops"].cost.total_cost == Decimal("0.0105")
    assert requests(registry, "ok") == 1


async def test_an_async_block_is_a_request(collector: MetricsCollector, registry: CollectorRegistry) -> None:
    async with watch(collector) as ctx:
        await asyncio.sleep(0)
        ctx.set_response("Shoes last a year.")
    assert ctx.results["technical"].latency.total_ms > 0
    assert requests(registry, "ok") == 1


def test_an_exception_passes_through_and_is_recorded(collector: MetricsCollector, registry: CollectorRegistry) -> None:
    with pytest.raises(TimeoutError), watch(collector) as ctx:
        raise TimeoutError
    assert ctx.results["technical"].error_type == "timeout"
    assert requests(registry, "timeout") == 1


def test_an_error_may_leave_the_block_without_an_exception(
    collector: MetricsCollector, registry: CollectorRegistry
) -> None:
    with watch(collector) as ctx:
        ctx.set_error(ConnectionError("to ada@example.org"))
    assert requests(registry, "connection") == 1


def test_a_wrong_type_is_told_where_it_is_set(collector: MetricsCollector) -> None:
    with pytest.raises(TypeError, match="nonsense"):
        watch(collector, nonsense=1)
    with pytest.raises(TypeError, match="output_tokens is of type str"), watch(collector) as ctx:
        ctx.set_response("a", output_tokens="5")


def test_an_error_of_ours_stays_here(collector: MetricsCollector, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(MetricsCollector, "record", fail)
    with watch(collector) as ctx:
        pass
    assert not ctx.results


def test_documents_that_a_query_around_it_found_are_the_requests(
    collector: MetricsCollector, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "ai_monitoring.requests")
    with rag.query("hybrid", CollectorRegistry()) as query:
        query.documents(["faq-1", "faq-2"])
        with watch(collector):
            pass
        with watch(collector, documents=["faq-2"]):
            pass
    with watch(collector):
        pass
    told = [getattr(one, "documents", None) for one in caplog.records if one.name == "ai_monitoring.requests"]
    assert told == [["faq-1", "faq-2"], ["faq-2"], None]


def test_a_block_may_queue_its_request(collector: MetricsCollector, registry: CollectorRegistry) -> None:
    with watch(collector, submit=True, request_id="mine") as ctx:
        ctx.set_response("Shoes last a year.")
    collector.stop()
    assert ctx.request_id == "mine"
    assert registry.get_sample_value("ai_requests_recorded_total", {"way": "submit"}) == 1
