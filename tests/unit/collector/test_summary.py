from typing import Any

import pytest

from ai_monitoring import MetricsCollector
from ai_monitoring.collector import summary

Ask = Any


def test_a_summary_adds_up(collector: MetricsCollector, ask: Ask) -> None:
    collector.record(ask())
    collector.record(ask(latency_ms=150.0, response="You are an idiot."))
    collector.record(ask(model="nobody-knows-it", error="timeout", response=""))
    told = collector.get_summary()
    assert (told["requests"], told["errors"], told["unpriced_requests"]) == (3, 1, 1)
    assert (told["input_tokens"], told["output_tokens"]) == (3000, 300)
    assert (told["cost"], told["currency"]) == (pytest.approx(0.024), "USD")
    assert told["toxicity"] == 1
    assert told["models"]["openai/gpt-4"]["requests"] == 2
    assert told["models"]["openai/gpt-4"]["mean_latency_ms"] == 500
    assert 0 < told["models"]["openai/gpt-4"]["mean_quality"] < 1


def test_nothing_recorded_is_no_division_by_zero(collector: MetricsCollector) -> None:
    told = collector.get_summary()
    assert (told["requests"], told["mean_latency_ms"], told["mean_quality"], told["models"]) == (0, None, None, {})


def test_models_beyond_a_bound_are_others(
    collector: MetricsCollector, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summary, "MAX_MODELS", 2)
    for number in range(4):
        collector.record(ask(model=f"model-{number}"))
    assert list(collector.get_summary()["models"]) == ["openai/model-0", "openai/model-1", "other"]
    assert collector.get_summary()["models"]["other"]["requests"] == 2
