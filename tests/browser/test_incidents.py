"""The incident log's pages as a person meets them in Chromium: no script is needed, an alert's own text stays text."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from asgi_apps import served
from browser.axe import serious_findings
from browser.chromium import opened
from playwright.sync_api import Browser, expect
from prometheus_client import CollectorRegistry
from stub_watch import HOSTILE

from ai_monitoring.incidents.alert import Alert
from ai_monitoring.incidents.desk import Desk
from ai_monitoring.incidents.log import IncidentLog
from ai_monitoring.incidents.metrics import IncidentMetrics
from ai_monitoring.incidents.receiver import receiver

PAGES = ("/", "/?status=resolved&since=", "/?service=nobody", "/?status=x", "/incidents/1", "/incidents/2", "/nothing")
LOOKS = [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)]


def alert(name: str, severity: str, started: float, ended: float | None = None) -> Alert:
    annotations = dict.fromkeys(("summary", "description", "first_step", "runbook"), HOSTILE)
    return Alert(
        status="firing" if ended is None else "resolved",
        labels={"alertname": name, "severity": severity, "service": HOSTILE, "instance": "x" * 300},
        annotations=annotations,
        fingerprint=f"{severity}-{name}",
        started_at=started,
        ended_at=ended,
    )


@pytest.fixture
def log(tmp_path: Path) -> Iterator[IncidentLog]:
    """One that is open, with a story, and one that is over."""
    log, now = IncidentLog(tmp_path / "incidents.db"), time.time()
    log.notified(alert(HOSTILE, "critical", now - 4000), "critical")
    log.note(1, HOSTILE, f"{HOSTILE}\n{'y' * 300}")
    log.receive(alert("Over", "warning", now - 9000, now - 60))
    yield log
    log.close()


@pytest.fixture
def address(log: IncidentLog) -> Iterator[str]:
    registry = CollectorRegistry()
    with served(receiver(Desk(log, IncidentMetrics(registry)), registry)) as address:
        yield address


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_every_page_is_sound(browser: Browser, address: str, scheme: str, width: int) -> None:
    """No error in the console, no request elsewhere, nothing wider than the window, no serious finding of axe-core."""
    asked: list[str] = []
    size = {"width": width, "height": 800}
    with opened(browser, base_url=address, color_scheme=scheme, viewport=size) as (page, errors):
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda _: errors.append("a script of an alert ran"))
        for path in PAGES:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
            assert serious_findings(page) == [], path
            assert page.locator("main img, main script").count() == 0, path
        assert all(url.startswith(address) for url in asked)
    assert [error for error in errors if "404" not in error and "400" not in error] == []


def test_an_incident_is_acknowledged_and_noted_without_a_script(
    browser: Browser, address: str, log: IncidentLog
) -> None:
    with opened(browser, base_url=address, java_script_enabled=False) as (page, errors):
        page.goto("/")
        page.get_by_role("link", name=HOSTILE).click()
        taking = page.get_by_role("form", name="Take care of it")
        taking.get_by_label("Your name").fill("ana")
        taking.get_by_label("Note, if you like").fill("on it")
        taking.get_by_role("button", name="Acknowledge").click()
        expect(page.get_by_text("acknowledged by ana on it")).to_be_visible()
        noting = page.get_by_role("form", name="Add a note")
        noting.get_by_label("What others should know").fill("the disk was full")
        noting.get_by_label("Your name").fill("ben")
        noting.get_by_role("button", name="Add note").click()
        expect(page.get_by_text("ben: the disk was full")).to_be_visible()
        expect(page).to_have_url(f"{address}/incidents/1")
        page.get_by_role("link", name="Incidents", exact=True).click()
        expect(page.locator(".alert").get_by_text("by ana")).to_be_visible()
    assert errors == []
    assert log.incident(1).acknowledged_by == "ana"


def test_a_page_of_another_site_can_send_nothing(browser: Browser, address: str, log: IncidentLog) -> None:
    action = f"{address}/incidents/1/acknowledge"
    with opened(browser) as (page, _):
        page.set_content(f'<form method="post" action="{action}"><button name="by" value="x">Win</button></form>')
        page.get_by_role("button", name="Win").click()
        expect(page.get_by_text("A page of another site may not send this.")).to_be_visible()
    assert log.incident(1).acknowledged_at is None
