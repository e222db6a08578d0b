"""What `status` knows: each part, each declared service, each alert."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any

from ai_monitoring.stack import http
from ai_monitoring.stack.local import LocalEngine, healthy
from ai_monitoring.stack.parts import Part
from ai_monitoring.stack.rendering import HOST
from ai_monitoring.stack.supervision import Exit, Process

# The normalised layer, prometheus/rules/service.yml.
_READINGS = {
    "requests_per_second": "service:requests:rate5m",
    "error_ratio": "service:errors:ratio_rate5m",
    "p95_seconds": "service:request_duration_seconds:p95",
}
_SEVERITIES = {"critical": 0, "warning": 1, "info": 2, "none": 3}


@dataclass(frozen=True, slots=True)
class PartStatus:
    """One process of the stack: `restarts` are since the stack's start, `last_exit` why the last one was needed."""

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


def read(engine: LocalEngine) -> Status:
    """Ask the supervisor, each part, Prometheus and Alertmanager. Never raises for a part that does not answer."""
    if not engine.supervision.running():
        return Status("local", running=False, healthy=False, problems=_left_behind(engine))
    parts = _parts(engine)
    ports = engine.settings.ports
    prometheus = f"http://{HOST}:{ports['PROMETHEUS_PORT']}"
    alertmanager = f"http://{HOST}:{ports['ALERTMANAGER_PORT']}"
    problems: list[str] = []
    services = _asked(lambda: _services(prometheus), "Prometheus does not answer: the services are unknown.", problems)
    alerts = _asked(lambda: _alerts(alertmanager), "Alertmanager does not answer: the alerts are unknown.", problems)
    well = (
        all(part.healthy for part in parts)
        and all(service.up for service in services or ())
        and all(alert.severity != "critical" for alert in alerts or ())
    )
    return Status("local", True, well, parts, services, alerts, problems)


def _left_behind(engine: LocalEngine) -> list[str]:
    names = ", ".join(engine.leftovers())
    return [f"The supervisor has ended, but these still run: {names}. Start again, or stop."] if names else []


def _asked(ask: Any, problem: str, problems: list[str]) -> Any:
    try:
        return ask()
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        problems.append(problem)
        return None


def _parts(engine: LocalEngine) -> list[PartStatus]:
    processes, exits = engine.supervision.processes(), engine.supervision.exits()
    # A part that a later start had to give up is one that does not run, not one that never was.
    plan = [part for part in engine.plan(demo=True) if part.name in {*processes, *engine.started()}]
    gone = {part.name: Process(part.name, "STOPPED", 0, 0.0, "") for part in plan}
    return [_part(part, (gone | processes)[part.name], exits.get(part.name, [])) for part in plan]


def _part(part: Part, process: Process, exits: list[Exit]) -> PartStatus:
    return PartStatus(
        name=part.name,
        title=part.title,
        state=process.state.lower(),
        healthy=healthy(part, process),
        address=part.address,
        pid=process.pid,
        uptime_seconds=process.uptime_seconds,
        restarts=len(exits),
        last_exit=f"{exits[-1].time}, {exits[-1].why}" if exits else "",
    )


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
