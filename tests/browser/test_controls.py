"""Variables, range, refresh: by pointer and by keys, and kept in the address."""

import re
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from browser.chromium import opened, show
from playwright.sync_api import Browser, Page, expect

FOCUSED = """() => {
  const node = document.activeElement;
  const style = getComputedStyle(node);
  return [node.dataset.key ?? node.textContent.trim(), style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0];
}"""  # noqa: E501


def test_several_values_are_chosen_by_checkboxes(browser: Browser, server: str) -> None:
    with opened(browser) as (page, _):
        show(page, f"{server}/d/all")
        page.locator("#variable-service").click()
        page.get_by_label("Search Service").fill("a")
        page.get_by_role("checkbox", name="chat").check()
        page.get_by_role("checkbox", name="faq").check()
        expect(page.get_by_role("checkbox", name="All")).not_to_be_checked()
        page.keyboard.press("Escape")
        page.wait_for_url(re.compile("var-service=chat&var-service=faq"))
        expect(page.locator("#variable-service")).to_contain_text("chat, faq")


def test_all_stands_alone(browser: Browser, server: str) -> None:
    with opened(browser) as (page, _):
        show(page, f"{server}/d/all?var-service=chat")
        page.locator("#variable-service").click()
        page.get_by_role("checkbox", name="All").check()
        expect(page.get_by_role("checkbox", name="chat")).not_to_be_checked()
        page.keyboard.press("Escape")
        page.wait_for_url(re.compile(r"var-service=%24__all$"))


def test_one_choice_and_text_are_kept_in_the_address(browser: Browser, server: str) -> None:
    with opened(browser) as (page, _):
        show(page, f"{server}/d/all")
        page.get_by_label("Interval").select_option("5m")
        page.wait_for_url(re.compile("var-interval=5m"))
        page.get_by_label("Search", exact=True).fill("a & b")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("var-search"))
        assert query(page) == {"var-interval": ["5m"], "var-search": ["a & b"]}


def test_a_quick_range_and_exact_times(browser: Browser, server: str) -> None:
    with opened(browser) as (page, _):
        show(page, f"{server}/d/all")
        page.get_by_role("button", name="Time range").click()
        page.get_by_role("button", name="Last hour").click()
        page.wait_for_url(re.compile("from=now-1h&to=now"))
        page.get_by_role("button", name="Time range: Last hour").click()
        page.get_by_label("From").fill("2026-01-02T10:00:00")
        page.get_by_label("To", exact=True).fill("2026-01-01T10:00:00")
        page.get_by_role("button", name="Show this range").click()
        expect(page.get_by_role("alert")).to_have_text("From must be before to.")
        page.get_by_label("To", exact=True).fill("2026-01-02T12:00:00")
        page.get_by_role("button", name="Show this range").click()
        expect(page.locator(".picker.range")).to_have_text("2026-01-02 10:00 to 2026-01-02 12:00")


def test_hidden_variables_are_not_drawn(browser: Browser, server: str) -> None:
    with opened(browser) as (page, _):
        show(page, f"{server}/d/all?var-job=chat")
        expect(page.get_by_label("Job")).to_have_count(0)
        with page.expect_request(lambda request: "/panels/5?" in request.url and "var-job=chat" in request.url):
            page.get_by_role("button", name="Refresh", exact=True).click()


def test_panels_are_asked_again_by_themselves_until_that_is_off(browser: Browser, server: str) -> None:
    asked: list[str] = []
    with opened(browser) as (page, _):
        page.clock.install()
        show(page, f"{server}/d/all")
        page.on("request", lambda request: asked.append(request.url))
        with page.expect_request("**/api/boards/all/panels/5?*"):
            page.clock.run_for(31_000)
        expect(page.locator(".loading")).to_have_count(0)
        with page.expect_response("**/api/boards/all/panels/12?*"):
            page.get_by_label("Refresh by itself").select_option("")
        assert query(page) == {}
        expect(page.locator(".loading")).to_have_count(0)
        asked.clear()
        page.clock.run_for(120_000)
        assert asked == []


def test_the_server_hears_theme_width_and_zone(browser: Browser, server: str) -> None:
    with opened(browser, color_scheme="dark", timezone_id="Europe/Paris") as (page, _):
        with page.expect_request("**/api/boards/all/panels/5?*") as asked:
            show(page, f"{server}/d/all")
        said = parse_qs(urlsplit(asked.value.url).query)
        assert (said["theme"], said["timezone"]) == (["dark"], ["Europe/Paris"])
        assert 400 < int(said["width"][0]) < 700


def test_refresh_keeps_what_is_shown_until_the_answer(browser: Browser, server: str) -> None:
    with opened(browser) as (page, _):
        show(page, f"{server}/d/many")
        page.route("**/api/boards/many/panels/1?*", lambda route: None)  # never answered
        with page.expect_request("**/api/boards/many/panels/1?*"):
            page.get_by_role("button", name="Refresh", exact=True).click()
        expect(page.locator("#panel-1")).to_have_attribute("aria-busy", "true")
        expect(page.locator("#panel-1 .inner path").first).to_be_visible()


def test_a_deployment_is_marked_at_the_next_refresh(browser: Browser, server: str) -> None:
    marks: list[dict[str, Any]] = []
    with opened(browser) as (page, _):
        page.route("**/api/boards/many/marks?*", lambda route: route.fulfill(json={"marks": marks}))
        show(page, f"{server}/d/many")
        expect(page.locator("#panel-1 .marks text")).to_have_count(0)
        marks.append({"time": int(time.time() * 1000) - 3_600_000, "title": "shop 1.4.2", "text": "succeeded"})
        page.get_by_role("button", name="Refresh", exact=True).click()
        expect(page.locator("#panel-1 .marks text")).to_have_text("shop 1.4.2, succeeded")
        page.unroute("**/api/boards/many/marks?*")
        page.route("**/api/boards/many/marks?*", lambda route: route.abort())
        page.get_by_role("button", name="Refresh", exact=True).click()
        expect(page.locator("#panel-1 .marks text")).to_have_count(0)
        expect(page.locator("#panel-1 .inner path").first).to_be_visible()


def test_at_most_six_questions_at_once_and_none_for_what_is_far_below(browser: Browser, server: str) -> None:
    asked: list[str] = []
    with opened(browser, viewport={"width": 1280, "height": 500}) as (page, _):
        page.route("**/api/boards/many/panels/*", lambda route: asked.append(route.request.url))
        page.goto(f"{server}/d/many")
        page.wait_for_selector("#panel-16")
        page.wait_for_timeout(300)
        assert len(asked) == 6
        assert not any("/panels/16?" in url for url in asked)


def test_keys_reach_everything_and_focus_is_seen(browser: Browser, server: str) -> None:
    with opened(browser) as (page, _):
        show(page, f"{server}/d/all")
        page.locator(".board-folder").focus()
        seen = []
        for _ in range(60):
            page.keyboard.press("Tab")
            key, visible = page.evaluate(FOCUSED)
            assert visible, key
            seen.append(key)
        wanted = ["variable service", "variable interval", "variable search", "range", "zoom-out", "refresh", "every"]
        wanted += ["Menu of 1", "About 5", "Menu of 5", "chart", "series /api/chat", "row Details", "sort 0"]
        order = [seen.index(key) for key in wanted]
        assert order == sorted(order)


def test_arrows_read_a_chart_aloud(browser: Browser, server: str) -> None:
    with opened(browser) as (page, _):
        show(page, f"{server}/d/all")
        live = page.locator("[data-part=live]")
        page.locator("#panel-5 .chart").focus()
        page.keyboard.press("ArrowLeft")
        expect(live).to_contain_text("/api/chat: ")
        before = live.text_content()
        page.keyboard.press("ArrowLeft")
        expect(live).not_to_have_text(before or "")
        page.locator("#panel-10 .chart").focus()
        page.keyboard.press("ArrowUp")
        expect(live).to_contain_text("0.1 s: ")
        page.locator("#panel-11 .chart").focus()
        page.keyboard.press("ArrowLeft")
        expect(live).to_contain_text("chat: Up from")


def test_an_example_leads_to_its_trace(browser: Browser, server: str) -> None:
    with opened(browser) as (page, _):
        show(page, f"{server}/d/all")
        page.locator("#panel-5 .exemplars a").first.click()
        page.wait_for_url(re.compile("/trace/0{32}"))


def test_enter_opens_the_trace_of_an_example(browser: Browser, server: str) -> None:
    with opened(browser) as (page, _):
        show(page, f"{server}/d/all")
        page.locator("#panel-5 .chart").focus()
        live = page.locator("[data-part=live]")
        page.keyboard.press("End")
        expect(live).not_to_contain_text("Enter opens")
        for _ in range(500):
            page.keyboard.press("ArrowLeft")
            if "Enter opens the trace of an example." in (live.text_content() or ""):
                break
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/trace/0{31}2"))


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)
