"""What `ai-monitoring interactive` shows: one frame, of the size of the terminal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from rich.console import Group
from rich.text import Text

from ai_monitoring.cli.alerts_report import age, state
from ai_monitoring.cli.readings import ALERTS, PAGES, Unit
from ai_monitoring.cli.readings_report import NOTHING, TITLES, lookback, parts
from ai_monitoring.cli.survey import Found

KEYS = "q quit   tab next   1-5 dimension   a alerts   + - time   r refresh"
TIMES = tuple(timedelta(minutes=minutes) for minutes in (15, 60, 360, 1440, 10_080))
_AROUND = 5
"""Lines above and below the page."""
_BAR = 20
_SEVERITIES = {"critical": "bold red", "warning": "yellow"}


@dataclass(frozen=True, slots=True)
class Frame:
    """What is known and chosen. `incidents` are those that are not over; None, as `found`, before the first answer."""

    page: str = PAGES[0]
    since: timedelta = TIMES[1]
    found: Sequence[Found] | None = None
    incidents: Sequence[Mapping[str, Any]] | None = None
    problem: str = ""
    at: datetime | None = None

    def turned(self, pages: int) -> "Frame":
        return self.shows(PAGES[(PAGES.index(self.page) + pages) % len(PAGES)])

    def shows(self, page: str) -> "Frame":
        """Another page: what was found belongs to this one."""
        return self if page == self.page else replace(self, page=page, found=None)

    def looks_back(self, steps: int) -> "Frame":
        """Over a longer or shorter time."""
        at = TIMES.index(self.since) if self.since in TIMES else 1
        since = TIMES[min(max(at + steps, 0), len(TIMES) - 1)]
        return self if since == self.since else replace(self, since=since, found=None)

    def drawn(self, width: int, height: int) -> Group:
        """Exactly `height` lines of at most `width` characters."""
        room = max(1, height - _AROUND)
        lines = self._page(width)
        if len(lines) > room:
            lines = [*lines[: room - 1], Text(f"… {len(lines) - room + 1} more: make the window higher", "dim")]
        lines += [Text()] * (room - len(lines))
        whole = [
            self._head(width),
            self._tabs(),
            Text("─" * width, "dim"),
            *lines,
            Text("─" * width, "dim"),
            Text(KEYS),
        ]
        for one in whole:
            one.rstrip()
            one.truncate(width, overflow="ellipsis")
            one.no_wrap = True
        return Group(*whole)

    def _head(self, width: int) -> Text:
        left = Text.assemble(("ai-monitoring", "bold"), f"  last {lookback(self.since)}  ")
        known = "?" if self.incidents is None else str(len(self.incidents))
        left.append(f"{known} open", "bold red" if self.incidents else "" if self.incidents is None else "green")
        right = self.problem or (f"at {self.at:%H:%M:%S}" if self.at else "asking …")
        left.append(" " * max(2, width - len(left.plain) - len(right)))
        return left.append(right, "red" if self.problem else "dim")

    def _tabs(self) -> Text:
        line = Text()
        for number, page in enumerate(PAGES, 1):
            name = f"a {ALERTS.capitalize()}" if page == ALERTS else f"{number} {TITLES[page]}"
            line.append(f" {name} ", "reverse" if page == self.page else "").append(" ")
        return line

    def _page(self, width: int) -> list[Text]:
        if self.page == ALERTS and self.incidents is not None:
            return [_incident(one) for one in self.incidents] or [Text("Nothing fires.", "green")]
        if self.page == ALERTS or self.found is None:
            return [Text("" if self.problem else "asking …", "dim")]
        return [line for one in self.found for line in _reading(one, width)]


def _reading(found: Found, width: int) -> list[Text]:
    """A line for each series, the title on the first one; shares with a bar where there is room."""
    lines = []
    for at, (labels, number, value) in enumerate(parts(found) or [("", NOTHING, 0.0)]):
        line = Text(f"{'' if at else found.reading.title:<23}").append(f"{number:>14}  ", "bold")
        if found.reading.unit is Unit.SHARE and found.samples and width >= 60:
            filled = round(min(max(value, 0.0), 1.0) * _BAR)
            line.append("█" * filled, "cyan").append("░" * (_BAR - filled), "dim").append("  ")
        lines.append(line.append(_plain(labels)))
    return lines


def _incident(incident: Mapping[str, Any]) -> Text:
    severity = _plain(incident["severity"]) or "none"
    line = Text(f"{severity:<9}", _SEVERITIES.get(severity, ""))
    what = incident["summary"] or incident["service"]
    line.append(f"{age(incident):>12}  {_plain(state(incident)):<24}  ")
    return line.append(_plain(f"{incident['alert']} {what}"))


def _plain(text: str) -> str:
    """Whoever writes a label must not steer the terminal."""
    return "".join(character if character.isprintable() else " " for character in text)
