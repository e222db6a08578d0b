"""What `status` knows: each part, each declared service, each alert."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from ai_monitoring.stack import http
from ai_monitoring.stack.rendering import HOST
from ai_monitoring.stack.settings import Settings

# The normalised layer, prometheus/rules/service.yml.
_READINGS = {
    "requests_per_second": "service:requests:rate5m",
    "error_ratio": "service:errors:ratio_rate5m",
    "p95_seconds": "service:request_duration_seconds:p95",
}
_SEVERITIES = {"critical": 0, "warning": 1, "info": 2, "none": 3}


@dataclass(frozen=True, slots=True)
class PartStatus:
    """One part of the stack: `restarts` are since the stack's start, `last_exit` why the last one was needed."""

    name: str
    title: str
    state: str
    healthy: bool
    address: str
    pid: int
    uptime_seconds: float
    restarts: int
    last_exit: str


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """One declared service over the last five minutes; None where Prometheus has no reading yet."""

    service: str
    instance: str
    up: bool
    requests_per_second: float | None
    error_ratio: float | None
    p95_seconds: float | None
    problem: str


@dataclass(frozen=True, slots=True)
class AlertStatus:
    """One alert that fires, as Alertmanager has it."""

    name: str
    severity: str
    service: str
    since: str
    summary: str
    runbook: str


@dataclass(frozen=True, slots=True)
class Status:
    """The whole stack at one moment. `healthy`: every part is, no declared service is down, nothing critical fires.

    `services` and `alerts` are None where they are unknown, because nobody could be asked.
    """

    engine: str
    running: bool
    healthy: bool
    parts: list[PartStatus] = field(default_factory=list)
    services: list[ServiceStatus] | None = None
    alerts: list[AlertStatus] | None = None
    problems: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Watched(Protocol):
    """What is asked of an engine."""

    name: str
    settings: Settings

    def running(self) -> bool: ...
    def parts(self) -> list[PartStatus]: ...
    def problems(self) -> list[str]: ...


def read(engine: Watched) -> Status:
    """Ask the engine, Prometheus and Alertmanager. Never raises for a part that does not answer."""
    problems = engine.problems()
    if not engine.running():
        return Status(engine.name, running=False, healthy=False, problems=problems)
    parts = engine.parts()
    ports = engine.settings.ports
    prometheus = f"http://{HOST}:{ports['PROMETHEUS_PORT']}"
    alertmanager = f"http://{HOST}:{ports['ALERTMANAGER_PORT']}"
    services = _asked(lambda: _services(prometheus), "Prometheus does not answer: the services are unknown.", problems)
    alerts = _asked(lambda: _alerts(alertmanager), "Alertmanager does not answer: the alerts are unknown.", problems)
    well = (
        all(part.healthy for part in parts)
        and all(service.up for service in services or ())
        and all(alert.severity != "critical" for alert in alerts or ())
    )
    return Status(engine.name, True, well, parts, services, alerts, problems)


def _asked(ask: Any, problem: str, problems: list[str]) -> Any:
    try:
        return ask()
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        problems.append(problem)
        return None


def _services(prometheus: str) -> list[ServiceStatus]:
    targets = http.get_json(f"{prometheus}/api/v1/targets", state="active")["data"]["activeTargets"]
    readings = {name: _by_service(prometheus, query) for name, query in _READINGS.items()}
    services = [_service(target, readings) for target in targets if target["labels"]["job"] == "services"]
    return sorted(services, key=lambda service: (service.service, service.instance))


def _by_service(prometheus: str, query: str) -> dict[str, float]:
    result = http.get_json(f"{prometheus}/api/v1/query", query=query)["data"]["result"]
    values = {sample["metric"].get("service", ""): float(sample["value"][1]) for sample in result}
    return {service: value for service, value in values.items() if math.isfinite(value)}


def _service(target: Any, readings: dict[str, dict[str, float]]) -> ServiceStatus:
    labels = target["labels"]
    service = labels.get("service", "")
    return ServiceStatus(
        service=service,
        instance=labels["instance"],
        up=target["health"] == "up",
        problem=target["lastError"],
        **{name: values.get(service) for name, values in readings.items()},
    )


def _alerts(alertmanager: str) -> list[AlertStatus]:
    found = http.get_json(f"{alertmanager}/api/v2/alerts", active="true", silenced="false", inhibited="false")
    alerts = [
        AlertStatus(
            name=alert["labels"].get("alertname", ""),
            severity=alert["labels"].get("severity", ""),
            service=alert["labels"].get("service", ""),
            since=alert["startsAt"],
            summary=alert["annotations"].get("summary", ""),
            runbook=alert["annotations"].get("runbook", ""),
        )
        for alert in found
    ]
    return sorted(alerts, key=lambda alert: (_SEVERITIES.get(alert.severity, 9), alert.name, alert.service))
