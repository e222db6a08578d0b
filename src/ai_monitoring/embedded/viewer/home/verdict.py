"""The one sentence at the top."""

from collections.abc import Sequence
from typing import NamedTuple

from ai_monitoring.embedded.viewer.alerts.alert import Alert
from ai_monitoring.embedded.viewer.home.services import Service
from ai_monitoring.embedded.viewer.home.watch import Part
from ai_monitoring.embedded.viewer.wording import counted, listed

BLIND = "The watch is blind"


class Verdict(NamedTuple):
    """`kind` is `ok`, `warning` or `critical`."""

    kind: str
    headline: str
    text: str


def verdict(
    errors: Sequence[str], alerts: Sequence[Alert], services: Sequence[Service], parts: Sequence[Part]
) -> Verdict:
    """What is wrong, the worst first. `errors` says which sources did not answer: then nothing is called well."""
    heard = [alert for alert in alerts if alert.heard]
    ill = [service for service in services if service.state[0] != "ok"]
    lost = [part.name for part in parts if part.kind == "warning"]
    if heard:
        kind = "critical" if any(alert.severity == "critical" for alert in heard) else "warning"
        verb = "fires" if len(heard) == 1 else "fire"
        return Verdict(kind, f"{counted(len(heard), 'alert')} {verb}", listed([_named(alert) for alert in heard]))
    if errors:
        return Verdict("critical", BLIND, f"{' '.join(errors)} What to do: python3 start_monitoring.py status")
    if ill:
        words = listed([f"{service.name}: {service.state[1].lower()}" for service in ill])
        kind = "critical" if any(service.state[0] == "critical" for service in ill) else "warning"
        return Verdict(kind, "Not all is well", f"{words}. No alert fires yet.")
    if lost:
        return Verdict("warning", "The watch is not complete", f"In trouble: {listed(lost)}.")
    if not services:
        return Verdict(
            "ok", "The watch is well", "No service is declared yet: prometheus/targets/services.yml is the place."
        )
    return Verdict("ok", "All is well", f"{counted(len(services), 'service')} healthy, no alert fires.")


def _named(alert: Alert) -> str:
    return f"{alert.name} ({alert.service})" if alert.service else alert.name
