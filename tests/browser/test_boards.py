"""Boards in Chromium: every kind of panel is drawn, and what a board says stays text."""

import re

import pytest
from browser.axe import serious_findings
from browser.chromium import blank_panels, opened, show
from browser.stub_answers import HOSTILE
from playwright.sync_api import Browser, expect

CROSSHAIRS = "[...document.querySelectorAll('.crosshair')].filter((line) => line.style.display === '').length"


@pytest.mark.parametrize("uid", ["all", "many", "odd"])
def test_no_panel_is_blank_and_the_console_is_quiet(browser: Browser, server: str, uid: str) -> None:
    with opened(browser) as (page, errors):
        show(page, f"{server}/d/{uid}")
        assert blank_panels(page) == []
        assert [error for error in errors if "502" not in error] == []  # the stub's source that is down


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/dashboards", "/d/all", "/d/odd"])
def test_axe_finds_nothing_serious(browser: Browser, server: str, scheme: str, path: str) -> None:
    with opened(browser, color_scheme=scheme) as (page, _):
        page.goto(server + path) if path == "/dashboards" else show(page, server + path)
        page.wait_for_selector("h1, h2")
        assert serious_findings(page) == []


@pytest.mark.parametrize("button", [".picker.range", "#variable-service", "#panel-5 [data-key='Menu of 5']"])
def test_axe_finds_nothing_serious_in_what_opens(browser: Browser, server: str, button: str) -> None:
    with opened(browser) as (page, _):
        show(page, f"{server}/d/all")
        page.locator(button).click()
        assert serious_findings(page) == []


@pytest.mark.parametrize("path", ["/dashboards", "/d/all", "/d/odd"])
def test_a_phone_scrolls_down_only(browser: Browser, server: str, path: str) -> None:
    with opened(browser, viewport={"width": 375, "height": 800}) as (page, _):
        page.goto(server + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_hostile_text_stays_text(browser: Browser, server: str) -> None:
    with opened(browser) as (page, _):
        show(page, f"{server}/d/odd")
        assert page.title().startswith(HOSTILE[:8])
        assert page.locator("main script, main img").count() == 0
        page.locator(".line details > summary").nth(1).click()
        expect(page.locator(".line-details").first).to_contain_text(HOSTILE)
        assert page.locator("main script, main img").count() == 0


def test_an_unknown_kind_an_error_and_no_data_are_said(browser: Browser, server: str) -> None:
    with opened(browser) as (page, _):
        show(page, f"{server}/d/odd")
        expect(page.locator("#panel-1")).to_contain_text("does not know panels of kind “geomap”; Grafana shows them")
        expect(page.locator("#panel-2")).to_contain_text("A: Prometheus: parse error")
        expect(page.locator("#panel-3")).to_contain_text("No requests yet. Start the demo.")
        expect(page.locator("#panel-7")).to_contain_text("Prometheus at http://127.0.0.1:9090 does not answer.")


def test_an_unknown_board_is_refused_in_the_servers_words(browser: Browser, server: str) -> None:
    with opened(browser) as (page, _):
        page.goto(f"{server}/d/nothing")
        expect(page.get_by_role("alert")).to_have_text("There is no dashboard nothing.")


def test_the_list_is_filtered(browser: Browser, server: str) -> None:
    with opened(browser) as (page, errors):
        page.goto(f"{server}/dashboards")
        expect(page.locator(".boards li:visible")).to_have_count(4)
        expect(page.locator(".boards li:visible", has_text="broken.json")).to_contain_text("⚠ No JSON: line 3.")
        page.get_by_label("Filter dashboards").fill("sixteen")
        expect(page.locator(".boards li:visible")).to_have_count(1)
        assert errors == []


def test_a_drag_zooms_and_back_returns(browser: Browser, server: str) -> None:
    with opened(browser) as (page, _):
        show(page, f"{server}/d/all")
        box = page.locator("#panel-5 .chart").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 150, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + 300, box["y"] + 70, steps=4)
        page.mouse.up()
        page.wait_for_url(re.compile(r"from=\d{13}&to=\d{13}"))
        expect(page.locator(".picker.range")).to_contain_text(" to ")
        page.go_back()
        expect(page.locator(".picker.range")).to_contain_text("Last 6 hours")


def test_the_crosshair_is_on_every_chart(browser: Browser, server: str) -> None:
    with opened(browser) as (page, _):
        show(page, f"{server}/d/many")
        page.locator("#panel-1 .chart").hover(position={"x": 150, "y": 60})
        assert page.evaluate(CROSSHAIRS) == 16
        expect(page.locator(".tooltip")).to_contain_text("/api/chat")
        page.mouse.move(2, 2)
        expect(page.locator(".tooltip")).to_be_hidden()


def test_a_legend_isolates_a_series(browser: Browser, server: str) -> None:
    with opened(browser) as (page, _):
        show(page, f"{server}/d/all")
        lines = page.locator("#panel-6 .inner path")
        expect(lines).to_have_count(3)
        page.get_by_role("button", name="5xx").click()
        expect(lines).to_have_count(1)
        expect(page.get_by_role("button", name="2xx")).to_have_attribute("aria-pressed", "false")
        page.get_by_role("button", name="5xx").click()
        expect(lines).to_have_count(3)


def test_a_panel_is_shown_as_a_table_and_sorted(browser: Browser, server: str) -> None:
    with opened(browser) as (page, _):
        show(page, f"{server}/d/all")
        page.get_by_role("button", name="Menu of Cost by model").click()
        page.get_by_role("button", name="Show as table").click()
        expect(page.locator("#panel-7 tbody tr")).to_have_count(4)
        page.locator("#panel-9").get_by_role("button", name="Requests").click()
        expect(page.locator("#panel-9 th[aria-sort=ascending]")).to_contain_text("Requests ↑")
        expect(page.locator("#panel-9 tbody tr").first).to_contain_text("3.09 K")


def test_a_time_series_is_shown_as_a_table_with_its_examples(browser: Browser, server: str) -> None:
    with opened(browser) as (page, errors):
        show(page, f"{server}/d/all?from=now-1h&to=now")
        page.get_by_role("button", name="Menu of Latency by route").click()
        page.get_by_role("button", name="Show as table").click()
        panel = page.locator("#panel-5")
        expect(panel.locator("thead th")).to_have_text(
            [
                re.compile(name)
                for name in ("Time", "/api/chat", "/api/search", "/api/feedback", "/health", "warn", "Example")
            ]
        )
        expect(panel.locator("tbody tr").first).to_contain_text(re.compile(r"\d{4}-\d\d-\d\d .* ms.*1\.20 s"))
        expect(panel.get_by_role("link", name="Trace")).to_have_count(3)
        assert serious_findings(page) == []
        page.get_by_role("button", name="Menu of Latency by route").click()
        page.get_by_role("button", name="Show as picture").click()
        expect(panel.locator(".chart")).to_be_visible()
        assert errors == []


def test_an_identifier_in_a_table_takes_one_short_line(browser: Browser, server: str) -> None:
    with opened(browser) as (page, _):
        show(page, f"{server}/d/all")
        trace = page.locator("#panel-9 td a.id").first
        expect(trace).to_have_attribute("title", f"Trace {'0' * 32}")
        box = trace.bounding_box()
        assert box is not None
        assert box["width"] < 100
        assert box["height"] < 30


def test_one_panel_fills_the_page_and_escape_returns(browser: Browser, server: str) -> None:
    with opened(browser) as (page, _):
        show(page, f"{server}/d/all?viewPanel=panel-5", height=900)
        expect(page.locator(".panel")).to_have_count(1)
        page.keyboard.press("Escape")
        expect(page.locator("#panel-6")).to_be_visible()
        assert "viewPanel" not in page.url


def test_a_row_folds(browser: Browser, server: str) -> None:
    with opened(browser) as (page, _):
        show(page, f"{server}/d/all")
        expect(page.locator("#panel-13")).to_be_hidden()
        page.get_by_role("button", name="Folded").click()
        expect(page.locator("#panel-13 .inner path").first).to_be_visible()


def test_an_axis_on_the_right_has_its_own_unit(browser: Browser, server: str) -> None:
    with opened(browser) as (page, _):
        show(page, f"{server}/d/all")
        page.get_by_role("button", name="Folded").click()
        marks = page.locator("#panel-13 .axes text[text-anchor=start]")
        expect(marks.first).to_have_text(re.compile(r"^\d+%$"))
        left = page.locator("#panel-13 .axes text[text-anchor=end]")
        expect(left.last).to_have_text(re.compile(r"s$"))
        page.locator("#panel-13 .chart").hover(position={"x": 300, "y": 60})
        expect(page.locator(".tooltip-row", has_text="errors")).to_contain_text("%")
