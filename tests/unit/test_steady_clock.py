import logging
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from ai_monitoring.steady_clock import SteadyClock

NOW, HOUR, DAY = 1_800_000_000.0, 3600.0, 86_400.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "clock.json"


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def clock(file: Path, registry: CollectorRegistry) -> SteadyClock:
    return SteadyClock(file, "incidents", registry)


def test_a_clock_that_goes_on_is_believed(clock: SteadyClock, file: Path) -> None:
    assert all(clock.trusted(NOW + days * DAY) for days in (0, 0.01, 3, 13, 13))
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_leap_is_told_and_believed_a_day_later(
    clock: SteadyClock, file: Path, registry: CollectorRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    assert clock.trusted(NOW)
    leapt = NOW + 3650 * DAY
    assert not clock.trusted(leapt)
    assert not clock.trusted(leapt + DAY - 1)
    assert registry.get_sample_value("ai_monitoring_retention_held", {"store": "incidents"}) == 1
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "ahead by 3650 days" in caplog.text
    again = SteadyClock(file, "incidents", CollectorRegistry())
    assert not again.trusted(leapt + DAY - 1), "a process that starts again knows of it"
    assert again.trusted(leapt + DAY)


def test_a_clock_that_comes_back_is_believed_at_once(clock: SteadyClock, registry: CollectorRegistry) -> None:
    clock.trusted(NOW)
    assert not clock.trusted(NOW + 3650 * DAY)
    assert not clock.trusted(NOW + 3650 * DAY - 5), "a small correction is none"
    assert clock.trusted(NOW + HOUR)
    assert registry.get_sample_value("ai_monitoring_retention_held", {"store": "incidents"}) == 0
    assert not clock.trusted(NOW + 3650 * DAY)


@pytest.mark.parametrize("content", ["", "[]", '{"last": "x", "held_until": 0}', '{"last": 1}'])
def test_notes_that_cannot_be_read_are_made_anew(clock: SteadyClock, file: Path, content: str) -> None:
    file.write_text(content, encoding="utf-8")
    assert clock.trusted(NOW)
    assert not clock.trusted(NOW + 11 * DAY)
