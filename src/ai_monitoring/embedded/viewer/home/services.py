"""How each declared service is, from the recorded series `service:…`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ai_monitoring.embedded.viewer.alerts.alert import Alert
from ai_monitoring.embedded.viewer.prometheus import Sample

SERIES = (
    "service:up",
    "service:probe_success",
    "service:requests:rate5m",
    "service:errors:ratio_rate5m",
    "service:request_duration_seconds:p95",
)


@dataclass(slots=True)
class Service:
    """One service over all its instances. Values are None where there is none: no traffic, no probe.

    `up` and `probed` are the shares of instances that answer a scrape and a health probe; `requests` per second,
    `errors` a share of 1, `p95` seconds.
    """

    name: str
    values: dict[str, list[float]] = field(default_factory=dict)
    alerts: list[Alert] = field(default_factory=list)

    @property
    def up(self) -> float | None:
        return self._mean("service:up")

    @property
    def probed(self) -> float | None:
        return self._mean("service:probe_success")

    @property
    def requests(self) -> float | None:
        found = self.values.get("service:requests:rate5m")
        return sum(found) if found else None

    @property
    def errors(self) -> float | None:
        return self._worst("service:errors:ratio_rate5m")

    @property
    def p95(self) -> float | None:
        return self._worst("service:request_duration_seconds:p95")

    @property
    def state(self) -> tuple[str, str]:
        """Its kind (`critical`, `warning`, `ok`) and the word for it; an alert says more than a single reading."""
        worst = {alert.severity for alert in self.alerts if alert.heard}
        if self.up == 0 and not self.probed:
            return "critical", "Down"
        if "critical" in worst:
            return "critical", "In trouble"
        if self.probed is not None and self.probed < 1:
            return "warning", "Health check fails"
        if self.up is None or self.up < 1:
            return "warning", "Metrics not readable"
        return ("warning", "Needs a look") if worst else ("ok", "Healthy")

    def _mean(self, name: str) -> float | None:
        found = self.values.get(name)
        return sum(found) / len(found) if found else None

    def _worst(self, name: str) -> float | None:
        return max(self.values.get(name, ()), default=None)


def services(samples: Iterable[Sample], alerts: Iterable[Alert]) -> list[Service]:
    """Every service that a series names, those in trouble first."""
    found: dict[str, Service] = {}
    for sample in samples:
        name = sample.labels.get("service")
        if name is not None and sample.labels["__name__"] in SERIES:
            service = found.setdefault(name, Service(name))
            service.values.setdefault(sample.labels["__name__"], []).append(sample.value)
    for alert in alerts:
        if alert.service in found:
            found[alert.service].alerts.append(alert)
    return sorted(found.values(), key=lambda service: (_ORDER[service.state[0]], service.name))


_ORDER: Mapping[str, int] = {"critical": 0, "warning": 1, "ok": 2}
