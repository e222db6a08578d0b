"""A digest: what was in force within a time, what it amounts to, and what is still open."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from email.message import EmailMessage
from html import escape
from statistics import median

from ai_monitoring.incidents.incident import Incident
from ai_monitoring.incidents.schedule import Period

WORST = 10
"""Rows of the table of worst offenders."""


@dataclass(frozen=True, slots=True)
class Offender:
    """An alert of a service: how often it was in force, and for how many seconds of the digest's time in all."""

    alert: str
    service: str
    count: int
    seconds: float
    median: float
    runbook: str

    @property
    def name(self) -> str:
        return f"{self.service} {self.alert}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """`incidents` are those in force between `start` and `end` (seconds since 1970), of every severity. A daily digest
    tells of warnings and severities of a user's own, as Alertmanager's routes do; a weekly one of info.
    """

    period: Period
    start: float
    end: float
    zone: tzinfo
    incidents: Sequence[Incident]

    @property
    def told(self) -> list[Incident]:
        """Those that it is about."""
        if self.period is Period.WEEKLY:
            return [incident for incident in self.incidents if incident.severity == "info"]
        return [incident for incident in self.incidents if incident.severity not in ("critical", "info", "none")]

    @property
    def open(self) -> list[Incident]:
        """Those that were not over at its end."""
        return [one for one in self.told if one.resolved_at is None or one.resolved_at > self.end]

    @property
    def worst(self) -> list[Offender]:
        """By count, then by time."""
        groups: dict[tuple[str, str], list[Incident]] = {}
        for incident in self.told:
            groups.setdefault((incident.alert, incident.service), []).append(incident)
        found = [self._offender(*key, group) for key, group in groups.items()]
        return sorted(found, key=lambda one: (-one.count, -one.seconds, one.name))

    def message(self) -> EmailMessage:
        """The e-mail, as text and as HTML, without sender and recipients."""
        message = EmailMessage()
        message["Subject"] = self._subject()
        message.set_content(self._text())
        message.add_alternative(self._html(), subtype="html")
        return message

    def _offender(self, alert: str, service: str, group: Sequence[Incident]) -> Offender:
        seconds = [self._within(incident) for incident in group]
        runbook = group[0].annotations.get("runbook", "")
        return Offender(alert, service, len(group), sum(seconds), median(seconds), runbook)

    def _within(self, incident: Incident) -> float:
        """Seconds of the digest's time that it was in force."""
        end = self.end if incident.resolved_at is None else min(self.end, incident.resolved_at)
        return max(0.0, end - max(self.start, incident.started_at))

    def _subject(self) -> str:
        what = "info alert" if self.period is Period.WEEKLY else "warning"
        count = len(self.told)
        worst = f", most of {self.worst[0].name}" if count else ""
        still = f", {len(self.open)} still open" if self.open else ""
        return f"[{self.period.upper()}] {count or 'no'} {what}{'' if count == 1 else 's'}{still}{worst}"

    def _span(self) -> str:
        begin, end = (f"{datetime.fromtimestamp(at, self.zone):%Y-%m-%d %H:%M %Z}" for at in (self.start, self.end))
        return f"From {begin} to {end}: {self._totals()}."

    def _totals(self) -> str:
        counts = Counter(incident.severity for incident in self.incidents)
        shown = [f"{number} {severity or 'without severity'}" for severity, number in sorted(counts.items())]
        return ", ".join(shown) or "no alert of any severity"

    def _text(self) -> str:
        lines = [self._span(), ""]
        if self.told:
            lines += ["Most often, with the time in all and the median:", ""]
            lines += [f"  {_figures(one)}  {one.name}  {one.runbook}".rstrip() for one in self.worst[:WORST]]
            lines += ["", *_more(self.worst)]
        if self.open:
            lines += ["Still open:", "", *(f"  {self._open_line(one)}" for one in self.open[:WORST]), ""]
            lines += _more(self.open)
        return "\n".join([*lines, "All of it: ai-monitoring alerts", ""])

    def _html(self) -> str:
        parts = [f"<p>{escape(self._span())}</p>"]
        if self.told:
            head = "".join(f"<th align=left>{word}</th>" for word in ("Times", "In all", "Median", "Alert", "Runbook"))
            rows = "".join(_row(one) for one in self.worst[:WORST])
            parts += [f"<table cellpadding=4><tr>{head}</tr>{rows}</table>", *_paragraphs(_more(self.worst))]
        if self.open:
            items = "".join(f"<li>{escape(self._open_line(one))}</li>" for one in self.open[:WORST])
            parts += [f"<p>Still open:</p><ul>{items}</ul>", *_paragraphs(_more(self.open))]
        return "\n".join([*parts, "<p>All of it: <code>ai-monitoring alerts</code></p>", ""])

    def _open_line(self, one: Incident) -> str:
        since = datetime.fromtimestamp(one.started_at, self.zone)
        summary = one.annotations.get("summary", "")
        return f"{one.service} {one.alert}, since {since:%Y-%m-%d %H:%M %Z}. {summary}".strip()


def duration(seconds: float) -> str:
    """As a person says it, in its two largest units: `2 h 5 min`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    shown = [f"{number} {unit}" for number, unit in units if number]
    return " ".join(shown[:2]) or "0 s"


def _figures(one: Offender) -> str:
    times = "time " if one.count == 1 else "times"
    return f"{one.count:>4} {times}  {duration(one.seconds):>12}  {duration(one.median):>12}"


def _row(one: Offender) -> str:
    cells = (str(one.count), duration(one.seconds), duration(one.median), one.name, one.runbook)
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _more(rows: Sequence[object]) -> list[str]:
    return [f"and {len(rows) - WORST} more", ""] if len(rows) > WORST else []


def _paragraphs(lines: Iterable[str]) -> list[str]:
    return [f"<p>{escape(line)}</p>" for line in lines if line]
