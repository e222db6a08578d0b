from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from prometheus_client import CollectorRegistry

from ai_monitoring.incidents import api
from ai_monitoring.incidents.alert import Alert
from ai_monitoring.incidents.desk import Desk
from ai_monitoring.incidents.digests import Digests
from ai_monitoring.incidents.log import IncidentLog
from ai_monitoring.incidents.metrics import IncidentMetrics
from ai_monitoring.incidents.receiver import receiver

from .conftest import START

MakeAlert = Callable[..., Alert]


@pytest.fixture
async def client(log: IncidentLog) -> AsyncIterator[httpx2.AsyncClient]:
    registry = CollectorRegistry()
    transport = httpx2.ASGITransport(app=receiver(Desk(log, IncidentMetrics(registry)), registry))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:9095/api") as client:
        yield client


async def test_list_and_one(client: httpx2.AsyncClient, log: IncidentLog, alert: MakeAlert) -> None:
    log.receive(alert("A", "warning", ended_at=START + 30), START + 31)
    number = log.receive(alert("B"), START)[0][0].id
    found = (await client.get("/incidents")).json()["incidents"]
    assert [incident["alert"] for incident in found] == ["B", "A"]
    assert [(one["status"], one["duration_seconds"]) for one in found] == [("open", None), ("resolved", 30)]
    one = (await client.get(f"/incidents/{number}")).json()
    assert one == found[0]
    assert one["started_at"] == "2026-09-21T14:13:20.000+00:00"
    assert one["events"] == [{"at": one["opened_at"], "event": "opened", "by": "", "text": ""}]


async def test_filters(client: httpx2.AsyncClient, log: IncidentLog, alert: MakeAlert) -> None:
    log.receive(alert("A", "warning", ended_at=START + 30))
    log.receive(alert("B"))

    async def names(**query: Any) -> list[str]:
        found = (await client.get("/incidents", params=query)).json()["incidents"]
        return [incident["alert"] for incident in found]

    assert await names(status="open") == ["B"]
    assert await names(status=["open", "resolved"]) == ["B", "A"]
    assert await names(severity="warning", service="shop") == ["A"]
    assert await names(since="2026-09-21T14:14:00Z") == ["B"]


async def test_acknowledge_and_note(client: httpx2.AsyncClient, log: IncidentLog, alert: MakeAlert) -> None:
    number = log.receive(alert())[0][0].id
    answer = await client.post(f"/incidents/{number}/acknowledge", json={"by": "ana", "note": " on it "})
    assert (answer.json()["status"], answer.json()["acknowledged_by"]) == ("acknowledged", "ana")
    answer = await client.post(f"/incidents/{number}/notes", json={"by": "ben", "text": "disk full"})
    told = [(event["event"], event["by"], event["text"]) for event in answer.json()["events"]]
    assert told[1:] == [("acknowledged", "ana", "on it"), ("note", "ben", "disk full")]
    log.receive(alert(ended_at=START + 60))
    answer = await client.post(f"/incidents/{number}/acknowledge", json={"by": "ana"})
    assert (answer.status_code, answer.json()) == (409, {"error": f"incident {number} is resolved already"})


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        ("/incidents?status=over", 400, "status=over is none of open, acknowledged, resolved"),
        ("/incidents?sevrity=critical", 400, "sevrity is no filter; there are status, severity"),
        ("/incidents?since=yesterday", 400, "'yesterday' is no time such as"),
        ("/incidents?limit=0", 400, "limit=0 is no number from 1"),
        ("/incidents?limit=many", 400, "limit=many is no number from 1"),
        ("/incidents/7", 404, "there is no incident 7"),
        ("/digests/yearly", 404, "there is no digest yearly; there are daily, weekly"),
        ("/digests/daily", 404, "this service was started without settings, and sends no digest"),
    ],
)
async def test_wrong_questions(client: httpx2.AsyncClient, path: str, status: int, reason: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == status
    assert reason in answer.json()["error"]


@pytest.mark.parametrize(
    ("path", "body", "status", "reason"),
    [
        ("/incidents/7/acknowledge", b'{"by": "ana"}', 404, "there is no incident 7"),
        ("/incidents/1/notes", b'{"by": "ana"}', 400, "a note has a text"),
        ("/incidents/1/notes", b'{"txt": "x"}', 400, "txt is unknown; there are by and text"),
        ("/incidents/1/notes", b'{"text": 1}', 400, "text is no text"),
        ("/incidents/1/notes", b'{"text": "' + b"x" * 4001 + b'"}', 400, "at most 4000 characters"),
        ("/incidents/1/notes", b"[]", 400, "no JSON object"),
        ("/incidents/1/notes", b"{", 400, "Expecting property name"),
        pytest.param("/incidents/1/notes", b" " * 1_000_001, 400, "larger than 1000000 bytes", id="large"),
    ],
)
async def test_wrong_actions(
    client: httpx2.AsyncClient, log: IncidentLog, alert: MakeAlert, path: str, body: bytes, status: int, reason: str
) -> None:
    log.receive(alert())
    answer = await client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert reason in answer.json()["error"]
    assert len(log.incident(1).events) == 1


async def test_a_web_page_elsewhere_can_do_nothing(
    client: httpx2.AsyncClient, log: IncidentLog, alert: MakeAlert
) -> None:
    log.receive(alert())
    plain = await client.post(
        "/incidents/1/acknowledge", content=b'{"by": "x"}', headers={"Content-Type": "text/plain"}
    )
    assert plain.status_code == 415
    strange = await client.get("/incidents", headers={"Host": "evil.example"})
    assert strange.status_code == 421
    assert log.incident(1).acknowledged_at is None


async def test_digest_without_its_settings_is_refused(
    log: IncidentLog, registry: CollectorRegistry, tmp_path: Path
) -> None:
    digests = Digests(log, tmp_path / "incidents" / "incidents.db", tmp_path / "none.json", registry=registry)
    transport = httpx2.ASGITransport(app=api.routes(Desk(log, IncidentMetrics(registry)), digests))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.get("/digests/daily")
    assert answer.status_code == 503
    assert "the settings cannot be read" in answer.json()["error"]
