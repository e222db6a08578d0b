"""The parts of the watch itself: what Prometheus scrapes beside the declared services."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ai_monitoring.embedded.viewer.alerts.alert import Alert

_SERVICES = ("services", "probes")
_STATES = {"up": ("ok", "Answers"), "down": ("warning", "Does not answer")}


class Part(NamedTuple):
    """`kind` is `ok`, `warning` or `quiet` (not asked yet), `word` says it."""

    name: str
    instance: str
    kind: str
    word: str
    trouble: str = ""


def parts(targets: Iterable[dict[str, Any]], alerts: Sequence[Alert] | None) -> list[Part]:
    """The targets and the way of alerts, those in trouble first. `alerts` is None without Alertmanager's answer."""
    found = [_part(target) for target in targets if target["labels"].get("job") not in _SERVICES]
    return sorted([*found, _way_of_alerts(alerts)], key=_rank)


def _rank(part: Part) -> tuple[int, str, str]:
    return ("warning", "quiet", "ok").index(part.kind), part.name, part.instance


def _part(target: dict[str, Any]) -> Part:
    kind, word = _STATES.get(target.get("health", ""), ("quiet", "Not asked yet"))
    labels = target["labels"]
    return Part(labels.get("job", ""), labels.get("instance", ""), kind, word, target.get("lastError", ""))


def _way_of_alerts(alerts: Sequence[Alert] | None) -> Part:
    """The Watchdog always fires: where it does not arrive, no other alert would."""
    name, way = "way of alerts", "Prometheus to Alertmanager"
    if alerts is None:
        return Part(name, way, "warning", "Broken", "Alertmanager does not answer.")
    if any(alert.name == "Watchdog" for alert in alerts):
        return Part(name, way, "ok", "Open")
    return Part(
        name, way, "warning", "Not proven", "The Watchdog has not arrived. Within a minute of a start it should."
    )
