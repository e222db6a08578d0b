import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from prometheus_client import CollectorRegistry

from ai_monitoring import __version__
from ai_monitoring.incidents.desk import Desk
from ai_monitoring.incidents.incident import Kind
from ai_monitoring.incidents.log import IncidentLog
from ai_monitoring.incidents.metrics import IncidentMetrics
from ai_monitoring.incidents.receiver import MAX_WEBHOOK_BYTES, receiver

# What Alertmanager 0.25 sent, recorded; shortened in the group's part.
WEBHOOK: dict[str, Any] = {
    "receiver": "incidents",
    "status": "firing",
    "alerts": [
        {
            "status": "firing",
            "labels": {
                "alertname": "ServiceDown",
                "instance": "127.0.0.1:8000",
                "job": "services",
                "service": "fastapi",
                "severity": "critical",
            },
            "annotations": {
                "runbook": "docs/runbooks/service/ServiceDown.md",
                "summary": "fastapi ne répond plus à 127.0.0.1:8000",
            },
            "startsAt": "2026-11-20T18:00:12.345Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://127.0.0.1:9090/graph?g0.expr=service%3Aup+%3D%3D+0&g0.tab=1",
            "fingerprint": "f3a1c5d2e4b60718",
        },
        {
            "status": "resolved",
            "labels": {"alertname": "DjangoSlow", "severity": "warning"},
            "annotations": {},
            "startsAt": "2026-11-20T17:00:00Z",
            "endsAt": "2026-11-20T18:00:00Z",
            "generatorURL": "",
            "fingerprint": "0011223344556677",
        },
    ],
    "groupLabels": {"alertname": "ServiceDown"},
    "commonLabels": {},
    "commonAnnotations": {},
    "externalURL": "http://127.0.0.1:9093",
    "version": "4",
    "groupKey": '{}:{alertname="ServiceDown"}',
    "truncatedAlerts": 0,
}


@pytest.fixture
def desk(log: IncidentLog, registry: CollectorRegistry) -> Desk:
    return Desk(log, IncidentMetrics(registry))


@pytest.fixture
async def client(desk: Desk, registry: CollectorRegistry) -> AsyncIterator[httpx2.AsyncClient]:
    # A failure inside the application ends the test, where Starlette would answer 500.
    transport = httpx2.ASGITransport(app=receiver(desk, registry))
    async with httpx2.AsyncClient(transport=transport, base_url="http://incidents") as client:
        yield client


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level(logging.INFO, "ai_monitoring.incidents")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "ai_monitoring.incidents"]


def received(registry: CollectorRegistry) -> dict[str, float | None]:
    name = "ai_monitoring_alerts_received_total"
    return {status: registry.get_sample_value(name, {"status": status}) for status in ("firing", "resolved")}


async def test_each_alert_is_counted_and_in_the_log(
    client: httpx2.AsyncClient, registry: CollectorRegistry, log: IncidentLog, logged: Callable[[], list[str]]
) -> None:
    assert received(registry) == {"firing": 0, "resolved": 0}, "a rule misses a series' first value"
    answer = await client.post("/alertmanager", json=WEBHOOK)
    assert (answer.status_code, answer.json()) == (200, {"received": 2})
    assert received(registry) == {"firing": 1, "resolved": 1}
    assert logged() == [
        "Incident opened: ServiceDown of fastapi (critical)",
        "Incident opened: DjangoSlow (warning)",
        "Incident resolved: DjangoSlow (warning)",
    ]
    down, slow = log.incidents()
    assert (down.fingerprint, down.service, slow.duration) == ("f3a1c5d2e4b60718", "fastapi", 3600)
    assert registry.get_sample_value("ai_monitoring_incidents_total", {"severity": "critical"}) == 1
    open_now = {"severity": "critical", "status": "open"}
    assert registry.get_sample_value("ai_monitoring_incidents_open", open_now) == 1
    duration = "ai_monitoring_incident_duration_seconds_sum"
    assert registry.get_sample_value(duration, {"severity": "warning"}) == 3600


async def test_a_large_group_is_taken(client: httpx2.AsyncClient, log: IncidentLog) -> None:
    rule = "http://127.0.0.1:9090/graph?g0.expr=" + "x" * 20_000
    group = [WEBHOOK["alerts"][0] | {"fingerprint": f"{number:016x}", "generatorURL": rule} for number in range(60)]
    answer = await client.post("/alertmanager", json={"alerts": group})
    assert (answer.status_code, len(log.incidents())) == (200, 60)


async def test_nanoseconds_of_the_start_tell_no_incidents_apart(client: httpx2.AsyncClient, log: IncidentLog) -> None:
    """Alertmanager's webhook tells them, its API does not."""
    for started in ("2026-11-20T18:00:12.345678901Z", "2026-11-20T18:00:12.345Z"):
        await client.post("/alertmanager", json={"alerts": [WEBHOOK["alerts"][0] | {"startsAt": started}]})
    assert len(log.incidents()) == 1


async def test_a_line_says_what_can_be_asked_for(client: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "ai_monitoring.incidents")
    await client.post("/alertmanager", json=WEBHOOK)
    record = caplog.records[0]
    found = (record.event, record.alert, record.alert_severity, record.service)  # type: ignore[attr-defined]
    assert found == ("opened", "ServiceDown", "critical", "fastapi")


async def test_a_message_to_people_is_in_the_log(
    client: httpx2.AsyncClient, log: IncidentLog, registry: CollectorRegistry
) -> None:
    await client.post("/alertmanager", json=WEBHOOK)
    answer = await client.post("/notified/critical", json={"alerts": WEBHOOK["alerts"][:1]})
    assert answer.status_code == 200
    [down] = log.incidents(alert="ServiceDown")
    assert [(event.kind, event.by) for event in down.events] == [(Kind.OPENED, ""), (Kind.NOTIFIED, "critical")]
    assert received(registry) == {"firing": 1, "resolved": 1}, "alerts are counted where they arrive"


async def test_the_sign_of_life_is_no_incident(
    client: httpx2.AsyncClient, log: IncidentLog, logged: Callable[[], list[str]]
) -> None:
    alive = WEBHOOK["alerts"][0] | {"labels": {"alertname": "Watchdog", "severity": "none"}}
    await client.post("/alertmanager", json={"alerts": [alive]})
    assert logged() == ["Sign of life: Watchdog"]
    assert log.incidents() == []


async def test_a_log_that_cannot_be_written_has_alertmanager_try_again(
    client: httpx2.AsyncClient, log: IncidentLog, registry: CollectorRegistry
) -> None:
    assert registry.get_sample_value("ai_monitoring_incident_writes_failed_total") == 0
    log._connection.execute("CREATE TRIGGER refuse BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'full'); END")
    answer = await client.post("/alertmanager", json=WEBHOOK)
    assert (answer.status_code, answer.json()) == (503, {"error": "the incident log cannot be written: full"})
    assert (await client.get("/health")).status_code == 503
    assert registry.get_sample_value("ai_monitoring_incident_writes_failed_total") == 1
    log._connection.execute("DROP TRIGGER refuse")
    assert (await client.post("/alertmanager", json=WEBHOOK)).status_code == 200
    assert (await client.get("/health")).status_code == 200
    assert len(log.incidents()) == 2


async def test_no_alerts(client: httpx2.AsyncClient, logged: Callable[[], list[str]]) -> None:
    answer = await client.post("/alertmanager", json={"alerts": []})
    assert answer.json() == {"received": 0}
    assert logged() == []


FIRING = {"status": "firing", "labels": {"alertname": "a"}, "fingerprint": "f", "startsAt": "2026-11-20T18:00:12Z"}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "Expecting value"),
        (b"{", "Expecting property name"),
        (b"\xff", "can't decode byte"),
        (b"[]", "no list of alerts"),
        (b"{}", "no list of alerts"),
        (b'{"alerts": {}}', "no list of alerts"),
        (b'{"alerts": [1]}', "an alert has a status"),
        (b'{"alerts": [{"status": "firing"}]}', "texts all of them"),
        (b'{"alerts": [{"status": "burning", "labels": {}}]}', "an alert has a status"),
        (b'{"alerts": [{"status": ["firing"], "labels": {}}]}', "an alert has a status"),
        (b'{"alerts": [{"status": "firing", "labels": []}]}', "texts all of them"),
        (json.dumps({"alerts": [FIRING | {"annotations": ["x"]}]}).encode(), "texts all of them"),
        (json.dumps({"alerts": [FIRING | {"fingerprint": ""}]}).encode(), "has a fingerprint"),
        (json.dumps({"alerts": [FIRING | {"startsAt": "soon"}]}).encode(), "'soon' is no time"),
        (json.dumps({"alerts": [FIRING | {"startsAt": 7}]}).encode(), "7 is no time"),
        (json.dumps({"alerts": [FIRING, 1]}).encode(), "an alert has a status"),
        (b"[" * 100_000, "nested too deeply"),
        (b'"' + b"x" * MAX_WEBHOOK_BYTES + b'"', f"larger than {MAX_WEBHOOK_BYTES} bytes"),
    ],
    ids=lambda value: repr(value[:20]) if isinstance(value, bytes) else "",
)
async def test_malformed_body_is_refused_with_the_reason(
    client: httpx2.AsyncClient,
    registry: CollectorRegistry,
    logged: Callable[[], list[str]],
    body: bytes,
    reason: str,
) -> None:
    answer = await client.post("/alertmanager", content=body)
    assert answer.status_code == 400
    assert reason in answer.json()["error"]
    assert received(registry) == {"firing": 0, "resolved": 0}
    assert logged() == []


async def test_body_that_grows_is_cut_off_before_its_end(client: httpx2.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 65536
            yield b"x" * 65536

    answer = await client.post("/alertmanager", content=endless())
    assert answer.status_code == 400
    assert sent < 2 * MAX_WEBHOOK_BYTES


async def test_nothing_else_is_answered_under_another_name_than_loopbacks(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/alertmanager")).status_code == 421
    assert (await client.get("/")).status_code == 421


async def test_health(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/health")
    content = answer.json()
    assert datetime.now(UTC) - datetime.fromisoformat(content.pop("time")) < timedelta(minutes=1)
    assert content == {"status": "ok", "version": __version__}


async def test_metrics(client: httpx2.AsyncClient) -> None:
    await client.post("/alertmanager", json=WEBHOOK)
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert 'ai_monitoring_alerts_received_total{status="firing"} 1.0\n' in answer.text
    answer = await client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


async def test_when_the_sign_of_life_last_came_is_a_metric(
    client: httpx2.AsyncClient, registry: CollectorRegistry
) -> None:
    name, before = "ai_monitoring_heartbeat_timestamp_seconds", time.time()
    assert registry.get_sample_value(name) == 0
    await client.post("/alertmanager", json=WEBHOOK)
    assert registry.get_sample_value(name) == 0, "other alerts are no sign of life"
    alive = WEBHOOK["alerts"][0] | {"labels": {"alertname": "Watchdog", "severity": "none"}}
    await client.post("/alertmanager", json=WEBHOOK | {"alerts": [alive]})
    came = registry.get_sample_value(name)
    assert came is not None
    assert before <= came <= time.time()
    ended = alive | {"status": "resolved", "endsAt": "2026-11-20T18:00:13Z"}
    await client.post("/alertmanager", json=WEBHOOK | {"alerts": [ended]})
    assert registry.get_sample_value(name) == came, "its end is none"
