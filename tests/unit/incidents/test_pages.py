"""The pages as a browser without scripts meets them."""

import json
import re
import time
from collections.abc import AsyncIterator, Callable
from html import unescape
from pathlib import Path
from typing import Any

import httpx2
import pytest
from prometheus_client import CollectorRegistry

from ai_monitoring.incidents import pages
from ai_monitoring.incidents.alert import Alert
from ai_monitoring.incidents.desk import Desk
from ai_monitoring.incidents.incident import Kind
from ai_monitoring.incidents.log import IncidentLog
from ai_monitoring.incidents.metrics import IncidentMetrics
from ai_monitoring.incidents.receiver import receiver

from .conftest import LINKS, START, VIEWER

MakeAlert = Callable[..., Alert]
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}"
HOUSE = "http://127.0.0.1:9095"
FINGERPRINT = "6a1f3b0c2d4e5f60"


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"LINKS": LINKS}), encoding="utf-8")
    return file


@pytest.fixture
async def client(log: IncidentLog, registry: CollectorRegistry, settings: Path) -> AsyncIterator[httpx2.AsyncClient]:
    app = receiver(Desk(log, IncidentMetrics(registry)), registry, settings=settings)
    transport = httpx2.ASGITransport(app=app)
    headers = {"Accept": "text/html,application/xhtml+xml", "Origin": HOUSE}
    async with httpx2.AsyncClient(transport=transport, base_url=HOUSE, headers=headers) as client:
        yield client


def words(answer: httpx2.Response) -> str:
    """The text of a page, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split()).replace(" ,", ",")


async def test_a_page_tells_all_of_an_incident(client: httpx2.AsyncClient, log: IncidentLog, alert: MakeAlert) -> None:
    annotations = {
        "summary": "12.4% of the requests to shop fail",
        "description": "12.4% failed over 5 minutes; the critical threshold is 10%.",
        "first_step": "See which route fails",
        "runbook": "docs/runbooks/llm/LLMSlow.md",
    }
    told = alert("LLMSlow", annotations=annotations)
    number = log.receive(told, START + 1)[0][0].id
    log.notified(told, "critical", START + 2)
    log.acknowledge(number, "ana", "on it", START + 60)
    log.note(number, "ben", "the disk\nwas full", START + 90)
    answer = await client.get(f"/incidents/{number}")
    text = words(answer)
    assert answer.status_code == 200
    for part in [*list(annotations.values())[:3], "critical", "shop", "acknowledged by ana on it", "it lasts, for"]:
        assert part in text
    assert "Since 2026-09-21 14:13:20 UTC" in text
    assert "Messages to critical at 2026-09-21 14:13:22 UTC" in text
    assert "Acknowledged by ana at 2026-09-21 14:14:20 UTC" in text
    assert "ben: the disk\nwas full" in answer.text
    assert f"ai-monitoring alerts silence {number} --for 2h" in text
    for address in (f"{VIEWER}/runbooks/llm/LLMSlow", f"{VIEWER}/d/llm-costs?viewPanel=panel-33&amp;var-service=shop"):
        assert f'href="{address}"' in answer.text
    log.receive(alert("LLMSlow", ended_at=START + 7200), START + 7201)
    text = words(await client.get(f"/incidents/{number}"))
    assert "Until 2026-09-21 16:13:20 UTC, after 2 h" in text
    assert "Acknowledge " not in text
    assert "Add note" in text
    assert "Silence it" not in text


async def test_silencing_leads_to_alertmanagers_page_where_there_is_one(
    client: httpx2.AsyncClient, log: IncidentLog, alert: MakeAlert, settings: Path
) -> None:
    log.receive(alert())
    page = "http://127.0.0.1:9093/#/silences/new?filter="
    assert page not in (await client.get("/incidents/1")).text
    settings.write_text(json.dumps({"LINKS": {**LINKS, "silences": page}}), encoding="utf-8")
    wanted = f'href="{page}%7Balertname%3D%22ServiceDown%22%2Cservice%3D%22shop%22%7D"'
    assert wanted in (await client.get("/incidents/1")).text


async def test_who_wants_no_page_gets_the_apis_answer(
    client: httpx2.AsyncClient, log: IncidentLog, alert: MakeAlert
) -> None:
    log.receive(alert())
    plain = await client.get("/incidents/1", headers={"Accept": "*/*"})
    assert plain.json() == (await client.get("/api/incidents/1")).json()
    missing = await client.get("/incidents/2", headers={"Accept": "*/*"})
    assert (missing.status_code, missing.json()) == (404, {"error": "there is no incident 2"})


async def test_an_alerts_fingerprint_leads_to_its_latest_incident(
    client: httpx2.AsyncClient, log: IncidentLog, alert: MakeAlert
) -> None:
    for begin in (START, START + 60):
        log.receive(alert(fingerprint=FINGERPRINT, started_at=begin))
    answer = await client.get(f"/incidents/{FINGERPRINT}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/incidents/2")


@pytest.mark.parametrize("name", ["7", FINGERPRINT, "x", "-1", "9" * 30, "%D9%A3"])
async def test_no_such_incident(client: httpx2.AsyncClient, name: str) -> None:
    answer = await client.get(f"/incidents/{name}")
    assert answer.status_code == 404
    assert "There is no incident" in words(answer)


async def test_the_list_has_what_is_open_first_and_the_worst_of_it(
    client: httpx2.AsyncClient, log: IncidentLog, alert: MakeAlert, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: START + 3 * 86_400)
    log.receive(alert("Over", ended_at=START + 86_400))
    log.receive(alert("Long", "warning", ended_at=None))
    log.receive(alert("Odd", "page"))
    log.receive(alert("Worst", started_at=START - 86_400 * 90))
    log.receive(alert("Old", started_at=START - 86_400 * 9, ended_at=START - 86_400 * 8))
    log.acknowledge(2, "ana")

    async def names(**query: str) -> list[str]:
        answer = await client.get("/", params=query)
        assert answer.status_code == 200
        return re.findall(r'href="/incidents/\d+">(\w+)<', answer.text)

    assert await names() == ["Worst", "Long", "Odd", "Over"]
    assert await names(since="") == ["Worst", "Long", "Odd", "Over", "Old"]
    assert await names(since="1h") == ["Worst", "Long", "Odd"]
    assert await names(status="open") == ["Worst", "Long", "Odd"]
    assert await names(status="acknowledged") == ["Long"]
    assert await names(status="resolved", since="") == ["Over", "Old"]
    assert await names(severity="page") == ["Odd"]
    assert await names(service="other") == []
    assert await names(alert="Over") == ["Over"]
    assert f'<a class="button small" href="{VIEWER}/d/incidents">' in (await client.get("/")).text


async def test_an_empty_list_says_so(client: httpx2.AsyncClient) -> None:
    text = words(await client.get("/"))
    assert "Nothing is open." in text
    assert "No incident that is over was in force within 7d." in text
    assert "No open incident matches." in words(await client.get("/?service=x&status=open"))


async def test_a_long_list_ends(
    client: httpx2.AsyncClient, log: IncidentLog, alert: MakeAlert, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST", 2)
    for number in range(3):
        log.receive(alert(service=f"s{number}"))
    answer = await client.get("/")
    assert len(re.findall(r'href="/incidents/\d', answer.text)) == 2
    assert "The latest 2 are shown" in answer.text


@pytest.mark.parametrize(
    ("query", "reason"), [("status=over", "'over' is no state; there are open"), ("since=x", "'x' is no time")]
)
async def test_wrong_filters(client: httpx2.AsyncClient, query: str, reason: str) -> None:
    answer = await client.get(f"/?{query}")
    assert answer.status_code == 400
    assert reason in words(answer)


async def test_forms_write_and_lead_back(client: httpx2.AsyncClient, log: IncidentLog, alert: MakeAlert) -> None:
    log.receive(alert())
    answer = await client.post("/incidents/1/acknowledge", data={"by": " ana ", "note": "à moi"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/incidents/1")
    answer = await client.post("/incidents/1/notes", data={"by": "ben", "text": "a\r\nb"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/incidents/1")
    events = [(event.kind, event.by, event.text) for event in log.incident(1).events]
    assert events[1:] == [(Kind.ACKNOWLEDGED, "ana", "à moi"), (Kind.NOTE, "ben", "a\r\nb")]


async def test_what_is_refused_stays_written(client: httpx2.AsyncClient, log: IncidentLog, alert: MakeAlert) -> None:
    log.receive(alert())
    empty = await client.post("/incidents/1/notes", data={"by": HOSTILE, "text": " "})
    assert (empty.status_code, "Nothing was written: a note has a text." in words(empty)) == (400, True)
    assert unescape(empty.text).count(f'value="{HOSTILE}"') == 2
    assert "<img" not in empty.text
    log.receive(alert(ended_at=START + 60))
    late = await client.post("/incidents/1/acknowledge", data={"by": "ana"})
    assert (late.status_code, "incident 1 is resolved already" in words(late)) == (409, True)
    assert log.incident(1).acknowledged_at is None


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Origin": "http://evil.example"}, "by=x", 403),
        ({"Origin": "http://127.0.0.1:8501"}, "by=x", 403),
        ({"Origin": "null"}, "by=x", 403),
        ({"Sec-Fetch-Site": "cross-site"}, "by=x", 403),
        ({"Sec-Fetch-Site": "same-site"}, "by=x", 403),
        ({"Host": "evil.example"}, "by=x", 421),
        ({"Content-Type": "text/plain"}, "by=x", 415),
        ({}, "by=x&severity=info", 400),
        ({}, f"by={'x' * 4001}", 400),
        ({}, f"by={'x' * 1_000_001}", 400),
    ],
)
async def test_a_page_elsewhere_and_a_wrong_form_write_nothing(
    client: httpx2.AsyncClient, log: IncidentLog, alert: MakeAlert, headers: dict[str, str], body: str, status: int
) -> None:
    log.receive(alert())
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await client.post("/incidents/1/acknowledge", content=body, headers=form | headers)
    assert answer.status_code == status
    assert log.incident(1).acknowledged_at is None


async def test_a_form_about_nothing_is_not_found(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/incidents/7/acknowledge", data={"by": "ana"})).status_code == 404
    assert (await client.post("/incidents/7/notes", data={"by": "ana", "text": ""})).status_code == 404


async def test_whatever_an_alert_says_stays_text(
    client: httpx2.AsyncClient, log: IncidentLog, alert: MakeAlert
) -> None:
    names = ("summary", "description", "first_step", HOSTILE)
    labels = {"alertname": HOSTILE, "severity": HOSTILE, "service": HOSTILE, HOSTILE: HOSTILE}
    annotations = {**dict.fromkeys(names, HOSTILE), "runbook": "javascript:alert(1)"}
    log.receive(alert(labels=labels, annotations=annotations))
    log.acknowledge(1, HOSTILE, HOSTILE)
    for path in ("/", "/incidents/1", f"/?service={HOSTILE}&severity={HOSTILE}&alert={HOSTILE}"):
        answer = await client.get(path)
        assert answer.status_code == 200
        assert HOSTILE in unescape(answer.text)
        assert "<img" not in answer.text
        assert "<script>" not in answer.text
        assert "49" not in words(answer), "a template in a template"
        assert 'href="javascript' not in answer.text


async def test_browsers_are_told_to_load_nothing_else(
    client: httpx2.AsyncClient, log: IncidentLog, alert: MakeAlert
) -> None:
    log.receive(alert())
    for path in ("/", "/incidents/1", "/incidents/2", "/static/style.css"):
        headers = (await client.get(path)).headers
        assert headers["content-security-policy"].startswith("default-src 'self'; frame-ancestors 'none'")
        assert headers["x-content-type-options"] == "nosniff"
    page = await client.get("/incidents/1")
    assert page.headers["cache-control"] == "no-store"
    for address in re.findall(r'<(?:link|script)[^>]* (?:href|src)="([^"]+)"', page.text):
        assert (await client.get(address)).status_code == 200


@pytest.mark.parametrize("content", [None, "{", "{}", '{"LINKS": {"odd": 1}}'])
async def test_a_page_is_there_without_links(
    client: httpx2.AsyncClient, log: IncidentLog, alert: MakeAlert, settings: Path, content: str | None
) -> None:
    settings.unlink()
    if content is not None:
        settings.write_text(content, encoding="utf-8")
    log.receive(alert())
    answer = await client.get("/incidents/1")
    assert answer.status_code == 200
    assert "What to do docs/runbooks/service/ServiceDown.md" in words(answer)
    assert (await client.get("/")).status_code == 200


async def test_a_log_that_cannot_be_read_is_told(client: httpx2.AsyncClient, log: IncidentLog) -> None:
    log._connection.execute("DROP TABLE events")
    log._connection.execute("DROP TABLE incidents")
    answer = await client.get("/")
    assert answer.status_code == 503
    assert "The log cannot be used: no such table" in words(answer)


async def test_no_other_page(client: httpx2.AsyncClient) -> None:
    answer: Any = await client.get("/nothing")
    assert answer.status_code == 404
    assert 'href="/"' in answer.text
