"""One rehearsal: make the condition, follow what the watch makes of it, end it, follow it to its end."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ai_monitoring.incidents.alert import seconds
from ai_monitoring.simulate.injection import Injection
from ai_monitoring.simulate.scenarios import Scenario
from ai_monitoring.simulate.watch import Watch
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.terminal import Terminal

MESSAGE_WITHIN = 60.0
"""Seconds from an alert that fires to its message: a warning waits 30 for others to come with it."""

MARGIN = 30.0
"""Seconds for what the other bounds leave out: a scrape, a round of rules."""

END_WITHIN = 330.0
"""Seconds from an alert's end to the message of it: Alertmanager tells changes of a group each 5 minutes at most."""

POLL = 1.0


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that was waited for. `at` is in seconds since 1970, None where it did not come within `within`."""

    name: str
    what: str
    at: float | None
    within: float | None = None


class Rehearsal:
    """Rehearses one scenario; `moments` fill up as they come."""

    def __init__(self, scenario: Scenario, watch: Watch, terminal: Terminal, *, people: bool) -> None:
        self.moments: list[Moment] = []
        self._scenario = scenario
        self._watch = watch
        self._terminal = terminal
        self._people = people
        self._since = 0.0

    def run(self) -> list[Moment]:
        """Rehearse. Raises StackError where the condition cannot be made, or its alert is there already."""
        wait = self._watch.wait(self._scenario)
        if there := self._watch.alert(self._scenario):
            raise StackError(
                f"{self._scenario.alert} is {there['state']} already, since {there['activeAt'][:19]}.",
                "Wait until it is over: nothing could be told apart.",
            )
        limit = self._scenario.rises + wait + MESSAGE_WITHIN + 4 * MARGIN
        with Injection(self._scenario.name, limit) as injection:
            with self._terminal.step(f"Injected: {self._scenario.does}"):
                injection.begin()
            self._begin(injection, wait)
        self._add("ended", "the condition is undone", time.time())
        if all(moment.at for moment in self.moments):
            self._follow_to_the_end()
        return self.moments

    def _begin(self, injection: Injection, wait: float) -> None:
        scenario = self._scenario
        self._since = injection.at
        self._add("injected", scenario.does, injection.at)
        came = self._await("true", f"the expression of {scenario.alert} is true", self._true, scenario.rises + MARGIN)
        came = came and self._await("detected", "the alert fires", self._fires, wait + MARGIN)
        if came and self._await("notified", *self._message(), MESSAGE_WITHIN):
            self._correct_detected()

    def _correct_detected(self) -> None:
        """When the alert fired, as Prometheus has told Alertmanager: asking it takes up to a second longer."""
        incident = self._watch.incident(self._scenario, self._since)
        if incident is not None:
            at = seconds(incident["started_at"])
            self.moments[:] = [replace(one, at=at) if one.name == "detected" else one for one in self.moments]

    def _message(self) -> tuple[str, Callable[[], float | None]]:
        if self._people:
            return "people are told, as the incident log knows", lambda: self._event("notified")
        return "it is in the incident log; no channel is set in .env", lambda: self._event("opened")

    def _follow_to_the_end(self) -> None:
        if self._await("over", "the expression is false again", self._is_over, self._scenario.falls + MARGIN):
            self._await("resolved", "the incident log knows that it is over", self._resolved, END_WITHIN)

    def _await(self, name: str, what: str, ask: Callable[[], float | None], within: float) -> bool:
        """Wait until `ask` tells a time. Returns whether it did within that many seconds."""
        start, at = time.monotonic(), None
        with self._terminal.step(f"{name.capitalize()}: {what}") as step:
            while at is None and time.monotonic() - start < within:
                time.sleep(POLL)
                at = _told(ask)
            step.detail = self._detail(at, within)
        self._add(name, what, at, within)
        return at is not None

    def _detail(self, at: float | None, within: float) -> str:
        return f"not within {within:.0f} s" if at is None else f"{at - self._since:.0f} s after the condition"

    def _add(self, name: str, what: str, at: float | None, within: float | None = None) -> None:
        self.moments.append(Moment(name, what, at, within))

    def _true(self) -> float | None:
        alert = self._watch.alert(self._scenario)
        return seconds(alert["activeAt"]) if alert else None

    def _fires(self) -> float | None:
        alert = self._watch.alert(self._scenario)
        return time.time() if alert and alert["state"] == "firing" else None

    def _is_over(self) -> float | None:
        return None if self._watch.alert(self._scenario) else time.time()

    def _event(self, kind: str) -> float | None:
        incident: dict[str, Any] = self._watch.incident(self._scenario, self._since) or {"events": []}
        return next((seconds(event["at"]) for event in incident["events"] if event["event"] == kind), None)

    def _resolved(self) -> float | None:
        return self._event("resolved")


def _told(ask: Callable[[], float | None]) -> float | None:
    """What it tells; who does not answer now is asked again."""
    try:
        return ask()
    except (OSError, ValueError, KeyError):
        return None
