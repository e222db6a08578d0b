import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ai_monitoring.stack import report, status
from ai_monitoring.stack.commands import main
from ai_monitoring.stack.local import LocalEngine
from ai_monitoring.stack.settings import Settings
from ai_monitoring.stack.status import AlertStatus, ServiceStatus, Status
from ai_monitoring.stack.supervision import Exit, Process, Supervision
from ai_monitoring.stack.terminal import Terminal

Answers = dict[str, tuple[int, str]]
Serve = Callable[[Answers], int]

# Answers of Prometheus 2.42 and Alertmanager 0.25, recorded.
UP = {
    "discoveredLabels": {"__address__": "127.0.0.1:8000", "job": "services", "service": "fastapi"},
    "labels": {"instance": "127.0.0.1:8000", "job": "services", "service": "fastapi"},
    "scrapePool": "services",
    "scrapeUrl": "http://127.0.0.1:8000/metrics",
    "globalUrl": "http://host:8000/metrics",
    "lastError": "",
    "lastScrape": "2026-11-20T18:34:36.900149883Z",
    "lastScrapeDuration": 0.003871275,
    "health": "up",
    "scrapeInterval": "15s",
    "scrapeTimeout": "10s",
}
REFUSED = 'Get "http://127.0.0.1:8002/metrics": dial tcp 127.0.0.1:8002: connect: connection refused'
DOWN = UP | {
    "labels": {"instance": "127.0.0.1:8002", "job": "services", "service": "django"},
    "lastError": REFUSED,
    "health": "down",
}
NEW = UP | {"labels": {"instance": "127.0.0.1:8501", "job": "services", "service": "streamlit"}, "health": "unknown"}
OWN = UP | {"labels": {"instance": "127.0.0.1:9090", "job": "prometheus"}}
CRITICAL = {
    "annotations": {"runbook": "docs/runbooks/service/ServiceDown.md", "summary": "django does not answer"},
    "endsAt": "2026-11-20T18:39:31.390Z",
    "fingerprint": "d4d866073329105b",
    "receivers": [{"name": "incidents"}],
    "startsAt": "2026-11-20T18:34:31.390123456Z",
    "status": {"inhibitedBy": [], "silencedBy": [], "state": "active"},
    "updatedAt": "2026-11-20T18:34:31.390Z",
    "labels": {"alertname": "ServiceDown", "service": "django", "severity": "critical"},
}
WARNING = CRITICAL | {"annotations": {}, "labels": {"alertname": "AaSlow", "severity": "warning"}}
OWN_RULE = CRITICAL | {"annotations": {}, "labels": {"alertname": "Mine"}}
WATCHDOG = CRITICAL | {"annotations": {}, "labels": {"alertname": "Watchdog", "severity": "none"}}


def vector(**values: str) -> str:
    samples = [{"metric": {"service": service}, "value": [1795199657.848, value]} for service, value in values.items()]
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": samples}})


def targets(*found: dict[str, Any]) -> Answers:
    content = {"status": "success", "data": {"activeTargets": found, "droppedTargets": []}}
    return {"/api/v1/targets?state=active": (200, json.dumps(content)), "/api/v1/query": (200, vector())}


def alerts(*found: dict[str, Any]) -> Answers:
    return {"/api/v2/alerts?active=true&silenced=false&inhibited=false": (200, json.dumps(found))}


READINGS: Answers = {
    "/api/v1/query?query=service%3Arequests%3Arate5m": (200, vector(fastapi="4.5", django="0")),
    "/api/v1/query?query=service%3Aerrors%3Aratio_rate5m": (200, vector(fastapi="NaN", django="+Inf")),
    "/api/v1/query?query=service%3Arequest_duration_seconds%3Ap95": (200, vector(fastapi="0.123456")),
}
READY: Answers = {"/-/ready": (200, "ready")}


class Supervised(Supervision):
    """A supervisor that says this."""

    found: tuple[Process, ...] = ()
    ends: dict[str, list[Exit]] = {}  # noqa: RUF012  # set on the instance

    def running(self) -> bool:
        return bool(self.found)

    def processes(self) -> dict[str, Process]:
        return {process.name: process for process in self.found}

    def exits(self) -> dict[str, list[Exit]]:
        return self.ends


@pytest.fixture
def engine(
    configured: Callable[[str], Settings], serve: Serve, path: object, free_port: int
) -> Callable[..., LocalEngine]:
    """An engine whose Prometheus and Alertmanager answer so; a port that nobody holds stands for one that is down."""

    def make(
        prometheus: Answers | None,
        alertmanager: Answers | None,
        *states: str,
        exits: dict[str, list[Exit]] | None = None,
    ) -> LocalEngine:
        ports = [free_port if answers is None else serve(READY | answers) for answers in (prometheus, alertmanager)]
        settings = configured(f"PROMETHEUS_PORT={ports[0]}\nALERTMANAGER_PORT={ports[1]}\n")
        local = LocalEngine(settings, Terminal())
        supervision = Supervised(settings)
        supervision.found = tuple(
            Process(name, state, 4711, 125.0, "")
            for name, state in zip(("prometheus", "alertmanager"), states or ("RUNNING", "RUNNING"), strict=True)
        )
        supervision.ends = exits or {}
        local.supervision = supervision
        return local

    return make


def told(now: Status, capsys: pytest.CaptureFixture[str]) -> str:
    report.status(now, Terminal())
    return capsys.readouterr().out


def test_all_is_well(engine: Callable[..., LocalEngine], capsys: pytest.CaptureFixture[str]) -> None:
    now = status.read(engine(targets(UP, OWN) | READINGS, alerts(WATCHDOG)))
    assert (now.running, now.healthy, now.problems) == (True, True, [])
    assert [(part.name, part.state, part.healthy, part.pid) for part in now.parts] == [
        ("prometheus", "running", True, 4711),
        ("alertmanager", "running", True, 4711),
    ]
    assert now.services == [ServiceStatus("fastapi", "127.0.0.1:8000", True, 4.5, None, 0.123456, "")]
    text = told(now, capsys)
    assert "  prometheus    2 min 5 s  http://127.0.0.1:" in text
    assert "  fastapi  127.0.0.1:8000  4.50        -       0.12 s  up\n" in text
    assert text.endswith("\nAlerts\n  none\n")


def test_readings_that_are_no_numbers_are_unknown(engine: Callable[..., LocalEngine]) -> None:
    now = status.read(engine(targets(UP, DOWN) | READINGS, alerts()))
    assert now.services is not None
    django, fastapi = now.services
    assert (fastapi.error_ratio, django.error_ratio, django.requests_per_second) == (None, None, 0.0)


def test_service_that_is_down_says_why(engine: Callable[..., LocalEngine], capsys: pytest.CaptureFixture[str]) -> None:
    now = status.read(engine(targets(DOWN, NEW), alerts(WATCHDOG)))
    assert now.services == [
        ServiceStatus("django", "127.0.0.1:8002", False, None, None, None, REFUSED),
        ServiceStatus("streamlit", "127.0.0.1:8501", False, None, None, None, ""),
    ]
    assert not now.healthy
    lines = told(now, capsys).splitlines()
    assert f"  django     127.0.0.1:8002  -           -       -    down: {REFUSED}" in lines
    assert "  streamlit  127.0.0.1:8501  -           -       -    not scraped yet" in lines


def test_nothing_declared_tells_how(engine: Callable[..., LocalEngine], capsys: pytest.CaptureFixture[str]) -> None:
    text = told(status.read(engine(targets(OWN), alerts(WATCHDOG))), capsys)
    assert "\nNo service is declared. Declare one in prometheus/targets/services.yml.\n" in text


def test_alerts_worst_first(engine: Callable[..., LocalEngine], capsys: pytest.CaptureFixture[str]) -> None:
    now = status.read(engine(targets(), alerts(OWN_RULE, WATCHDOG, WARNING, CRITICAL)))
    assert now.alerts is not None
    assert [alert.name for alert in now.alerts] == ["ServiceDown", "AaSlow", "Watchdog", "Mine"]
    assert now.alerts[0] == AlertStatus(
        "ServiceDown",
        "critical",
        "django",
        "2026-11-20T18:34:31.390123456Z",
        "django does not answer",
        "docs/runbooks/service/ServiceDown.md",
    )
    text = told(now, capsys)
    assert "  critical  ServiceDown: django does not answer (for " in text
    assert "    what to do: docs/runbooks/service/ServiceDown.md\n" in text
    assert "Watchdog" not in text


def test_missing_dead_mans_switch_is_told(
    engine: Callable[..., LocalEngine], capsys: pytest.CaptureFixture[str]
) -> None:
    text = told(status.read(engine(targets(), alerts())), capsys)
    assert text.endswith("\nAlerts\n  none; the dead man switch has not arrived yet\n")


@pytest.mark.parametrize(
    "broken",
    [
        None,
        {},
        {"/api/v1/targets": (503, "Service Unavailable"), "/api/v2/alerts": (503, "")},
        {"/api/v1/targets": (200, "<html>"), "/api/v2/alerts": (200, "<html>")},
        {"/api/v1/targets": (200, "null"), "/api/v2/alerts": (200, "null")},
        {"/api/v1/targets": (200, '{"data": []}'), "/api/v2/alerts": (200, '{"error": 1}')},
        {"/api/v1/targets": (200, '{"data": {"activeTargets": [1]}}'), "/api/v2/alerts": (200, '[{"labels": []}]')},
    ],
    ids=["down", "404", "503", "html", "null", "other", "odd"],
)
def test_what_cannot_be_asked_is_unknown_and_not_none(
    engine: Callable[..., LocalEngine], capsys: pytest.CaptureFixture[str], broken: Answers | None
) -> None:
    now = status.read(engine(broken, alerts(WATCHDOG)))
    assert (now.services, now.problems) == (None, ["Prometheus does not answer: the services are unknown."])
    text = told(now, capsys)
    assert "No service is declared" not in text
    assert text.endswith("\nPrometheus does not answer: the services are unknown.\n")

    now = status.read(engine(targets(UP), broken))
    assert (now.alerts, now.problems) == (None, ["Alertmanager does not answer: the alerts are unknown."])
    text = told(now, capsys)
    assert "\nAlerts\n" not in text
    assert text.endswith("\nAlertmanager does not answer: the alerts are unknown.\n")


def test_part_that_does_not_answer(engine: Callable[..., LocalEngine], capsys: pytest.CaptureFixture[str]) -> None:
    now = status.read(engine(targets(), None, "RUNNING", "RUNNING"))
    assert not now.healthy
    assert [part.healthy for part in now.parts] == [True, False]
    assert "  not healthy\n" in told(now, capsys)


def test_part_that_keeps_ending(engine: Callable[..., LocalEngine], capsys: pytest.CaptureFixture[str]) -> None:
    exits = {
        "alertmanager": [Exit("2026-11-20 18:05:00", "exit status 1"), Exit("2026-11-20 18:06:00", "exit status 2")]
    }
    now = status.read(engine(targets(), alerts(), "RUNNING", "BACKOFF", exits=exits))
    part = now.parts[1]
    assert (part.state, part.healthy, part.restarts) == ("backoff", False, 2)
    assert part.last_exit == "2026-11-20 18:06:00, exit status 2"
    assert "  backoff; restarted 2x, last at 2026-11-20 18:06:00, exit status 2\n" in told(now, capsys)


def test_part_that_was_given_up_is_missed(
    engine: Callable[..., LocalEngine], capsys: pytest.CaptureFixture[str]
) -> None:
    local = engine(targets(), alerts())
    local.settings.runtime.mkdir()
    started = {"prometheus": 1, "alertmanager": 2, "incidents": 3}
    (local.settings.runtime / "started.json").write_text(json.dumps(started), encoding="utf-8")
    now = status.read(local)
    assert not now.healthy
    assert [(part.name, part.state, part.healthy) for part in now.parts][-1] == ("incidents", "stopped", False)
    assert "  stopped\n" in told(now, capsys)


def test_json_says_the_same(
    engine: Callable[..., LocalEngine], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = status.read(engine(targets(UP, DOWN) | READINGS, alerts(CRITICAL, WATCHDOG)))
    monkeypatch.setattr("ai_monitoring.stack.status.read", lambda _: now)
    assert main(["status", "--json"]) == 1, "a service is down, and something critical fires"
    content = json.loads(capsys.readouterr().out)
    assert set(content) == {"engine", "running", "healthy", "parts", "services", "alerts", "problems"}
    services = [ServiceStatus(**service) for service in content["services"]]
    firing = [AlertStatus(**alert) for alert in content["alerts"]]
    parts = [status.PartStatus(**part) for part in content["parts"]]
    assert replace(now, services=services, alerts=firing, parts=parts) == now


def test_nothing_runs(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    now = status.read(LocalEngine(settings, Terminal()))
    assert now == Status("local", running=False, healthy=False)
    assert told(now, capsys) == "Nothing is running. Start it: python3 start_monitoring.py\n"
