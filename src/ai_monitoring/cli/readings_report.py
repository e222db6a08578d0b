"""Readings as a person reads them in a terminal."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from ai_monitoring import durations
from ai_monitoring.cli.prometheus import Sample
from ai_monitoring.cli.readings import Unit
from ai_monitoring.cli.survey import Events, Found

TITLES = {
    "technical": "Technical",
    "cognitive": "Cognitive",
    "finops": "FinOps",
    "devops": "DevOps",
    "compliance": "Compliance",
}
NOTHING = "-"
_WIDTH = 24
_PREFIXES = ("", "k", "M", "G", "T")


def lookback(since: timedelta) -> str:
    """A time such as 50 min, 6 h or 1 d."""
    return durations.said(since.total_seconds())


def parts(found: Found) -> list[tuple[str, str, float]]:
    """Of each series of a reading, the largest first: its labels, its number as text, its value."""
    hidden = {"currency"} if len({one.labels.get("source") for one in found.samples}) > 1 else {"currency", "source"}
    ordered = sorted(found.samples, key=lambda one: (-one.value, sorted(one.labels.items())))
    return [(_labels(one, hidden), _number(found.reading.unit, one), one.value) for one in ordered]


def line(found: Found) -> str:
    """A reading on a line: its title, and its series with their labels; a dash where there is none."""
    text = " · ".join(f"{labels} {number}".strip() for labels, number, _ in parts(found))
    return f"  {found.reading.title:<{_WIDTH}}{text or NOTHING}"


def event_lines(events: Events) -> list[str]:
    """Incidents by severity, and the deployments of the time."""
    counts = " · ".join(f"{name} {count}" for name, count in sorted(events.by_severity.items()))
    incidents = f"{counts} ({events.open} not over)" if counts else "none"
    told = [f"{one['service']} {one['version']} {one['status']}" for one in events.deployments[:5]]
    more = [f"and {len(events.deployments) - len(told)} more"] if len(events.deployments) > len(told) else []
    return [
        f"  {'incidents':<{_WIDTH}}{incidents}",
        f"  {'deployments':<{_WIDTH}}{' · '.join([*told, *more]) or 'none told'}",
    ]


def _labels(sample: Sample, hidden: set[str]) -> str:
    ordered = sorted(sample.labels.items(), key=lambda label: (label[0] != "scope", label[0]))
    return " ".join(value for name, value in ordered if name not in hidden)


def _number(unit: Unit, sample: Sample) -> str:
    if unit is Unit.MONEY:
        return f"{sample.value:,.{2 if sample.value >= 1 else 4}f} {sample.labels.get('currency', '')}".rstrip()
    return _NUMBERS[unit](sample.value)


def _bytes(value: float) -> str:
    at = 0
    while value >= 1000 and at < len(_PREFIXES) - 1:
        value, at = value / 1000, at + 1
    return f"{value:.{1 if at else 0}f} {_PREFIXES[at]}B"


_NUMBERS: dict[Unit, Callable[[float], str]] = {
    Unit.COUNT: lambda value: f"{value:,.0f}" if value >= 1 else f"{value:.1f}",
    Unit.SECONDS: lambda value: f"{value:.2f} s",
    Unit.SHARE: lambda value: f"{value * 100:.1f} %",
    Unit.CORES: lambda value: f"{value:.2f}",
    Unit.BYTES: _bytes,
    Unit.STATE: lambda value: "up" if value else "down",
}


def is_empty(found: Sequence[Found]) -> bool:
    return not any(one.samples for one in found)
