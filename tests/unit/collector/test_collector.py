from decimal import Decimal
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from ai_monitoring import MetricsCollector
from ai_monitoring.collector.cognitive import Cognitive
from ai_monitoring.collector.cognitive_reading import CognitiveReading

Ask = Any


def test_one_record_yields_every_dimension(collector: MetricsCollector, ask: Ask) -> None:
    results = collector.record(ask())
    assert results["technical"].latency.total_ms == 850
    assert results["cognitive"].quality.overall_score > 0.5
    assert results["cognitive"].hallucination.detected is False
    assert results["finops"].cost.total_cost == Decimal("0.012")
    assert results["finops"].cost.currency == "USD"
    assert results["devops"].memory_bytes > 0
    assert results["compliance"].legal_basis is None


def test_readings_cannot_be_changed(collector: MetricsCollector, ask: Ask) -> None:
    results = collector.record(ask())
    with pytest.raises(TypeError):
        results["finops"] = None  # type: ignore[index]
    with pytest.raises(AttributeError):
        results["technical"].latency.total_ms = 1.0


def test_a_request_counts_once(collector: MetricsCollector, registry: CollectorRegistry, ask: Ask) -> None:
    first = collector.record(ask(request_id="same", confidence=0.9))
    second = collector.record(ask(request_id="same", confidence=0.9))
    assert second["finops"] == first["finops"]
    assert second["technical"] == first["technical"]
    assert registry.get_sample_value("ai_requests_recorded_total", {"way": "record"}) == 1
    assert registry.get_sample_value("ai_requests_repeated_total") == 1
    assert registry.get_sample_value("ai_answer_confidence_count") == 1
    assert registry.get_sample_value("ai_answers_evaluated_total", {"check": "bias"}) == 1
    labels = {"provider": "openai", "model": "gpt-4", "operation": "chat", "status": "ok"}
    assert registry.get_sample_value("llm_requests_total", labels) == 1


def test_a_dimension_that_fails_is_counted_and_the_others_are_read(
    collector: MetricsCollector, registry: CollectorRegistry, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(Cognitive, "assess", fail)
    results = collector.record(ask())
    assert results["cognitive"] == CognitiveReading()
    assert results["finops"].cost.total_cost > 0
    assert registry.get_sample_value("ai_monitoring_dimension_failures_total", {"dimension": "cognitive"}) == 1
    assert registry.get_sample_value("ai_monitoring_dimension_failures_total", {"dimension": "finops"}) == 0
