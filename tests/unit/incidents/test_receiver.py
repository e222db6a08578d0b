import json
import logging
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from prometheus_client import CollectorRegistry

from ai_monitoring import __version__
from ai_monitoring.incidents.receiver import MAX_BODY_BYTES, receiver

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
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
async def client(registry: CollectorRegistry) -> AsyncIterator[httpx2.AsyncClient]:
    # A failure inside the application ends the test, where Starlette would answer 500.
    transport = httpx2.ASGITransport(app=receiver(registry))
    async with httpx2.AsyncClient(transport=transport, base_url="http://incidents") as client:
        yield client


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level(logging.INFO, "ai_monitoring.incidents")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "ai_monitoring.incidents"]


def received(registry: CollectorRegistry) -> dict[str, float | None]:
    name = "ai_monitoring_alerts_received_total"
    return {status: registry.get_sample_value(name, {"status": status}) for status in ("firing", "resolved")}


async def test_each_alert_is_counted_and_logged_as_one_line(
    client: httpx2.AsyncClient, registry: CollectorRegistry, logged: Callable[[], list[str]]
) -> None:
    assert received(registry) == {"firing": 0, "resolved": 0}, "a rule misses a series' first value"
    answer = await client.post("/alertmanager", json=WEBHOOK)
    assert (answer.status_code, answer.json()) == (200, {"received": 2})
    assert received(registry) == {"firing": 1, "resolved": 1}
    lines = logged()
    assert all("\n" not in line for line in lines)
    assert "ne répond plus à" in lines[0]
    firing, resolved = (json.loads(line) for line in lines)
    assert datetime.now(UTC) - datetime.fromisoformat(firing.pop("time")) < timedelta(minutes=1)
    assert firing == {
        "status": "firing",
        "alert": "ServiceDown",
        "severity": "critical",
        "service": "fastapi",
        "summary": "fastapi ne répond plus à 127.0.0.1:8000",
        "starts_at": "2026-11-20T18:00:12.345Z",
        "ends_at": "0001-01-01T00:00:00Z",
        "fingerprint": "f3a1c5d2e4b60718",
    }
    assert (resolved["status"], resolved["alert"], resolved["service"]) == ("resolved", "DjangoSlow", "")


async def test_line_break_in_an_alert_stays_one_line(
    client: httpx2.AsyncClient, logged: Callable[[], list[str]]
) -> None:
    alert = {"status": "firing", "labels": {"alertname": 'a\n{"alert": "b"}'}}
    await client.post("/alertmanager", json={"alerts": [alert]})
    [line] = logged()
    assert json.loads(line)["alert"] == alert["labels"]["alertname"]  # type: ignore[index]
    assert len(line.splitlines()) == 1


async def test_no_alerts(client: httpx2.AsyncClient, logged: Callable[[], list[str]]) -> None:
    answer = await client.post("/alertmanager", json={"alerts": []})
    assert answer.json() == {"received": 0}
    assert logged() == []


FIRING = {"status": "firing", "labels": {"alertname": "a"}}


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
        (b'{"alerts": [{"status": "firing"}]}', "an alert has a status"),
        (b'{"alerts": [{"status": "burning", "labels": {}}]}', "an alert has a status"),
        (b'{"alerts": [{"status": ["firing"], "labels": {}}]}', "an alert has a status"),
        (b'{"alerts": [{"status": "firing", "labels": []}]}', "an alert has a status"),
        (json.dumps({"alerts": [FIRING | {"annotations": ["x"]}]}).encode(), "an alert has a status"),
        (json.dumps({"alerts": [FIRING, 1]}).encode(), "an alert has a status"),
        (b"[" * 100_000, "nested too deeply"),
        (b'"' + b"x" * MAX_BODY_BYTES + b'"', f"larger than {MAX_BODY_BYTES} bytes"),
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
    assert sent < 2 * MAX_BODY_BYTES


async def test_only_post_is_taken(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/alertmanager")).status_code == 405
    assert (await client.get("/")).status_code == 404


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
