"""Home, alerts, runbooks, explore and login as a person meets them in Chromium."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from asgi_apps import served
from board_sources import sources_at
from browser.axe import serious_findings
from browser.chromium import opened, signed_in
from playwright.sync_api import Browser, expect
from stub_watch import HOSTILE, PASSWORD, TRACE, Watch, alert, line, service, settings_of, target

from ai_monitoring.embedded.viewer.app import viewer
from ai_monitoring.embedded.viewer.sources import Client

PAGES = {
    "home": "/",
    "alerts": "/alerts?severity=warning",
    "runbooks": "/runbooks",
    "runbook": "/runbooks/service/ServiceDown",
    "explore": "/explore",
    "explore, by LogQL": "/explore?query=%7Bservice_name%3D%22django%22%7D",
    "explore, a range": "/explore?from=1764151200000&to=1764154800000",
    "no page": "/nothing",
}
LOOKS = [("light", 1280), ("dark", 1280), ("light", 375), ("dark", 375)]


@pytest.fixture
def watch() -> Watch:
    """A bad day."""
    now = int(time.time()) // 60 * 60
    fired = {"metric": {"alertname": "DjangoSlow", "severity": "warning", "service": "django"}, "values": [[now, "1"]]}
    count = {"metric": {"detected_level": "error"}, "values": [[now - 60 * step, "3"] for step in range(9)]}
    watch = Watch(fired=[fired], counts=[count])
    watch.samples += service("streamlit", up=0, probe=0)
    watch.targets.append(target("embedded", "down", "dial tcp 127.0.0.1:3100: connect: connection refused"))
    watch.alerts += [alert("ServiceDown", "critical", service="streamlit"), alert("LLMSlow", "warning", model=HOSTILE)]
    watch.streams = [
        line(HOSTILE, "error", 5, trace_id=TRACE),
        line("x" * 900, "info", 9),
        line("retrying", "warn", 11),
    ]
    return watch


@pytest.fixture
def address(watch: Watch, tmp_path: Path) -> Iterator[str]:
    asking = Client(sources_at("http://watch"), transport=httpx2.ASGITransport(watch.app()))
    with served(viewer(settings_of(tmp_path), asking)) as address:
        yield address


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_every_page_is_sound(browser: Browser, address: str, scheme: str, width: int) -> None:
    """No error in the console, no request elsewhere, nothing wider than the window, no serious finding of axe-core."""
    asked: list[str] = []
    size = {"width": width, "height": 800}
    with signed_in(browser, address, color_scheme=scheme, viewport=size) as (page, errors):
        page.on("request", lambda request: asked.append(request.url))
        for name, path in PAGES.items():
            page.goto(path)
            page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
            assert serious_findings(page) == [], name
        assert asked
        assert all(url.startswith(address) for url in asked)
    assert [error for error in errors if "404" not in error] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_login_is_sound_and_goes_by_keyboard(browser: Browser, address: str, scheme: str) -> None:
    with opened(browser, base_url=address, color_scheme=scheme) as (page, errors):
        page.goto("/alerts?severity=warning")
        assert serious_findings(page) == []
        page.keyboard.type("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("not the password of admin")
        assert serious_findings(page) == []
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{address}/alerts?severity=warning")
        page.get_by_role("button", name="Sign out").click()
        page.goto("/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert [error for error in errors if "401" not in error] == []


@pytest.mark.parametrize("path", ["/", "/alerts", "/explore", "/runbooks/service/ServiceDown"])
def test_keyboard_reaches_everything_and_shows_where_it_is(browser: Browser, address: str, path: str) -> None:
    with signed_in(browser, address) as (page, _):
        page.goto(path)
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text("Skip to the content")
        wanted = page.evaluate(
            "[...document.querySelectorAll('a, button, input, select, textarea, summary, [tabindex=\"0\"]')]"
            ".filter(element => element.checkVisibility() && element.type !== 'hidden').length"
        )
        reached = 0
        while page.evaluate("document.activeElement !== document.body"):
            reached += 1
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", page.evaluate("document.activeElement.outerHTML")
            page.keyboard.press("Tab")
        assert reached == wanted


def test_skip_link_leads_past_the_frame(browser: Browser, address: str) -> None:
    with signed_in(browser, address) as (page, _):
        page.goto("/alerts")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_theme_is_kept_from_page_to_page(browser: Browser, address: str) -> None:
    ground = "getComputedStyle(document.body.parentElement).backgroundColor"
    with signed_in(browser, address, color_scheme="light") as (page, _):
        light = page.evaluate(ground)
        page.get_by_role("button", name="Theme: system").click()
        page.get_by_role("button", name="Theme: light").click()
        page.goto("/runbooks")
        expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
        assert page.evaluate(ground) != light


def test_home_follows_the_watch_until_it_is_paused(browser: Browser, address: str, watch: Watch) -> None:
    with signed_in(browser, address) as (page, errors):
        page.clock.install()
        page.goto("/")
        expect(page.get_by_role("heading", name="2 alerts fire")).to_be_visible()
        watch.alerts.pop()
        page.clock.fast_forward(16_000)
        expect(page.get_by_role("heading", name="1 alert fires")).to_be_visible()
        page.get_by_role("button", name="Pause updates").click()
        watch.alerts.append(alert("LLMSlow", "warning"))
        page.clock.fast_forward(60_000)
        expect(page.get_by_role("heading", name="1 alert fires")).to_be_visible()
        page.get_by_role("button", name="Resume updates").click()
        expect(page.get_by_role("heading", name="2 alerts fire")).to_be_visible()
    assert errors == []


def test_new_lines_are_followed_and_an_open_line_stays_open(browser: Browser, address: str, watch: Watch) -> None:
    with signed_in(browser, address) as (page, errors):
        page.goto("/explore")
        summary = page.locator("summary", has_text="retrying")
        summary.click()
        page.get_by_role("button", name="Follow new lines").click()
        watch.streams.append(line("brand new", "info", 0))
        expect(page.locator("summary", has_text="brand new")).to_be_visible(timeout=10_000)
        assert page.locator(".line details[open]").count() == 1
        page.get_by_role("button", name="Pause").click()
        expect(page.get_by_role("button", name="Follow new lines")).to_be_visible()
    assert errors == []


def test_line_with_script_stays_text(browser: Browser, address: str) -> None:
    with signed_in(browser, address) as (page, errors):
        page.on("dialog", lambda _: errors.append("a script of a log line ran"))
        for path in ("/explore", "/alerts"):
            page.goto(path)
            expect(page.get_by_text("<script>alert(1)</script>").first).to_be_visible()
            assert page.locator("main img, main script").count() == 0
    assert errors == []


def test_times_are_those_of_the_browsers_zone(browser: Browser, address: str, watch: Watch) -> None:
    watch.streams.clear()
    with signed_in(browser, address, timezone_id="Asia/Tokyo") as (page, _):
        page.goto("/explore?from=1764151200000&to=1764154800000")
        expect(page.get_by_label("From", exact=True)).to_have_value("2025-11-26 19:00:00")
        expect(page.locator(".empty")).to_contain_text("2025-11-26 19:00:00")
        page.get_by_label("To", exact=True).fill("2025-11-26 19:30")
        page.get_by_role("button", name="Search").click()
        expect(page).to_have_url(f"{address}/explore?from=1764151200000&to=1764153000000&limit=200&direction=backward")
        assert watch.asked[-1]["end"].startswith("1764153000")


def test_click_on_a_bar_looks_closer(browser: Browser, address: str, watch: Watch) -> None:
    with signed_in(browser, address) as (page, errors):
        page.goto("/explore?service=django")
        page.locator("svg.bars rect").last.click()
        expect(page).to_have_url(re.compile(r"service=django&from=\d+&to=\d+$"))
        assert int(watch.asked[-2]["end"]) - int(watch.asked[-2]["start"]) == 60 * 10**9
    assert errors == []


def test_explore_needs_no_script(browser: Browser, address: str, watch: Watch) -> None:
    with signed_in(browser, address, java_script_enabled=False) as (page, _):
        page.goto("/explore")
        page.get_by_label("Service").select_option("fastapi")
        page.get_by_label("Level").select_option("error")
        page.get_by_label("Contains").fill("time")
        page.get_by_role("button", name="Search").click()
        page.locator("summary").first.click()
        expect(page.get_by_role("link", name="Trace", exact=True)).to_have_attribute("href", f"/trace/{TRACE}")
        assert watch.asked[-2]["query"] == '{service_name="fastapi"} |= "time" | detected_level="error"'
