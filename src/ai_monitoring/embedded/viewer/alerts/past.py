"""When alerts fired, read from the series ALERTS that Prometheus keeps."""

from collections.abc import Iterator, Sequence

from ai_monitoring.embedded.viewer.alerts.alert import Alert
from ai_monitoring.embedded.viewer.prometheus import Prometheus, Series
from ai_monitoring.embedded.viewer.runbooks.library import Library
from ai_monitoring.embedded.viewer.times import TimeRange

EVALUATION_SECONDS = 15.0
_POINTS = 10_000  # Prometheus answers 11,000 a series at most
_FIRED = 'ALERTS{alertstate="firing", severity!="none"}'


def step_of(chosen: TimeRange) -> float:
    """How far apart ALERTS is looked at, in seconds: what is shorter may be missed."""
    return max(EVALUATION_SECONDS, chosen.length / 1000 / _POINTS)


async def past(prometheus: Prometheus, library: Library, chosen: TimeRange, now: float) -> list[Alert]:
    """Each time that an alert fired within the range, the newest first. Raises SourceError."""
    step = step_of(chosen)
    found = await prometheus.over(_FIRED, *chosen.seconds, step)
    # Looked up once a name: an alert may have fired hundreds of times.
    runbooks = {name: library.address(name) for name in {_name(series) for series in found}}
    alerts = [
        _alert(series, spell, runbooks[_name(series)], now - 2 * step)
        for series in found
        for spell in _spells(series, step)
    ]
    return sorted(alerts, key=lambda alert: alert.begin, reverse=True)


def _spells(series: Series, step: float) -> Iterator[tuple[float, float]]:
    """From when to when the series is there without a gap."""
    begin = last = series.points[0][0]
    for time, _ in series.points[1:]:
        if time - last > 1.5 * step:
            yield begin, last
            begin = time
        last = time
    yield begin, last


def _name(series: Series) -> str:
    return series.labels.get("alertname", "")


def _alert(series: Series, spell: Sequence[float], runbook: str, recent: float) -> Alert:
    begin, end = spell
    return Alert(
        name=_name(series),
        labels={key: value for key, value in series.labels.items() if key not in ("__name__", "alertstate")},
        begin=begin,
        end=None if end >= recent else end,
        state="firing" if end >= recent else "resolved",
        runbook=runbook,
    )
