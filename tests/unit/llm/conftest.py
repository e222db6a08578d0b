"""A registry of its own for each test, and prices that no file of the working directory decides."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from ai_monitoring.llm import meter


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def in_dollars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A monitoring.yaml without a word; a test may write into it before its first call."""
    file = tmp_path / "monitoring.yaml"
    file.touch()
    monkeypatch.setenv("AI_MONITORING_CONFIG", str(file))
    meter.prices.cache_clear()
    meter._prices.cache_clear()
    yield file
    meter.prices.cache_clear()
    meter._prices.cache_clear()
