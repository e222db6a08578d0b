"""What the FAQ answers is recorded, by a thread that no question waits for."""

import pytest
from examples.fastapi_service import answering
from examples.fastapi_service.strategies import Strategy
from examples.fastapi_service.trouble import Trouble
from prometheus_client import CollectorRegistry

from ai_monitoring import MetricsCollector
from ai_monitoring.configuration import Configuration


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> MetricsCollector:
    collector = MetricsCollector(Configuration(), registry=CollectorRegistry())
    monkeypatch.setattr(answering, "collector", collector)
    return collector


async def test_an_answer_is_recorded(collector: MetricsCollector, monkeypatch: pytest.MonkeyPatch) -> None:
    async def generate(*_: object) -> str:
        return "Cut the distance two weeks before a race."

    monkeypatch.setattr(answering, "_generate", generate)
    await answering.answer("race taper", Strategy.A, Trouble.NONE)
    collector.stop()
    told = collector.get_summary()
    assert (told["requests"], told["errors"]) == (1, 0)
    assert told["mean_quality"] > 0.5


async def test_a_failure_is_recorded_and_passes_through(
    collector: MetricsCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def generate(*_: object) -> str:
        raise TimeoutError

    monkeypatch.setattr(answering, "_generate", generate)
    with pytest.raises(TimeoutError):
        await answering.answer("race taper", Strategy.A, Trouble.NONE)
    collector.stop()
    assert collector.get_summary()["errors"] == 1
