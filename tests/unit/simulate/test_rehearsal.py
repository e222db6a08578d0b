"""What a rehearsal makes of what the watch tells: here one that answers to order."""

import io
from typing import Any

import pytest

from ai_monitoring.incidents.alert import seconds
from ai_monitoring.simulate import rehearsal
from ai_monitoring.simulate.rehearsal import Moment, Rehearsal
from ai_monitoring.simulate.scenarios import SCENARIOS, Scenario
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.terminal import Terminal

SLOW = next(scenario for scenario in SCENARIOS if scenario.name == "django-slow")
START = seconds("2026-11-26T12:00:00Z")


class Clock:
    """Time that passes where somebody sleeps."""

    now = START

    def time(self) -> float:
        return self.now

    monotonic = time

    def sleep(self, for_seconds: float) -> None:
        self.now += for_seconds


class Injected:
    """A condition that is there at once; `undone` is when it ended."""

    undone: float | None = None
    clock: Clock

    def __init__(self, name: str, limit: float) -> None:
        self.at = 0.0
        self.limit = limit

    def __enter__(self) -> "Injected":
        return self

    def __exit__(self, *_: object) -> None:
        Injected.undone = self.clock.now

    def begin(self) -> None:
        self.at = self.clock.now


class FakeWatch:
    """A rule true `rises` seconds after the start, firing 120 later, over 200 after the end. `told` are its events."""

    def __init__(self, clock: Clock, rises: float, events: tuple[str, ...]) -> None:
        self._clock, self._rises, self._events = clock, rises, events

    def wait(self, _: Scenario) -> float:
        return 120.0

    def alert(self, _: Scenario) -> dict[str, Any] | None:
        since = START + self._rises
        over = Injected.undone is not None and self._clock.now > Injected.undone + 200
        if self._clock.now < since or over:
            return None
        state = "firing" if self._clock.now >= since + 120 else "pending"
        return {"state": state, "activeAt": f"2026-11-26T12:{int(self._rises) // 60:02}:{int(self._rises) % 60:02}Z"}

    def incident(self, _: Scenario, since: float) -> dict[str, Any]:
        assert since == START
        events = [event for event in self._events if event != "resolved" or self.alert(SLOW) is None]
        told = [{"event": event, "at": "2026-11-26T12:03:00Z"} for event in events]
        return {"started_at": "2026-11-26T12:02:29.5Z", "events": told}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(rehearsal, "time", clock)
    monkeypatch.setattr(rehearsal, "Injection", Injected)
    Injected.undone, Injected.clock = None, clock
    return clock


def run(clock: Clock, rises: float, *events: str, people: bool = False) -> dict[str, Moment]:
    watch: Any = FakeWatch(clock, rises, events)
    moments = Rehearsal(SLOW, watch, Terminal(io.StringIO()), people=people).run()
    return {moment.name: moment for moment in moments}


def test_each_moment_is_told_when_it_came(clock: Clock) -> None:
    moments = run(clock, 30, "opened", "resolved")
    assert list(moments) == ["injected", "true", "detected", "notified", "ended", "over", "resolved"]
    assert moments["true"].at == START + 30
    assert moments["detected"].at == START + 149.5
    assert all(moment.at is not None for moment in moments.values())
    assert "no channel is set" in moments["notified"].what


def test_a_rule_that_never_becomes_true_ends_the_condition_and_is_told(clock: Clock) -> None:
    moments = run(clock, 3000, "opened")
    assert list(moments) == ["injected", "true", "ended"]
    assert (moments["true"].at, moments["true"].within) == (None, SLOW.rises + rehearsal.MARGIN)
    assert Injected.undone is not None


def test_with_a_channel_the_incident_log_is_not_enough(clock: Clock) -> None:
    assert run(clock, 30, "opened", "resolved", people=True)["notified"].at is None
    clock.now, Injected.undone = START, None
    assert run(clock, 30, "opened", "notified", "resolved", people=True)["notified"].at is not None


def test_an_end_that_does_not_come_is_told(clock: Clock) -> None:
    moments = run(clock, 30, "opened")
    assert moments["over"].at is not None
    assert (moments["resolved"].at, moments["resolved"].within) == (None, rehearsal.END_WITHIN)


def test_what_fires_already_cannot_be_told_apart(clock: Clock) -> None:
    with pytest.raises(StackError, match="DjangoSlow is pending already"):
        run(clock, 0, "opened")
