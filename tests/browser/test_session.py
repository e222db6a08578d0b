"""What happens to an open board when its session ends, and when the theme is switched."""

import re

from boards import boards
from browser.chromium import READY, opened, show, sign_in, signed_in
from playwright.sync_api import Browser, expect

INK = "getComputedStyle(document.querySelector('#panel-5 .axes text')).fill"


def test_a_board_whose_session_ended_leads_to_the_login_and_back(browser: Browser, house: str) -> None:
    board = f"{house}/d/overview?from=now-15m&to=now&var-interval=1m"
    with signed_in(browser, house) as (page, _):
        page.goto(board)
        expect(page.locator("#panel-1")).to_contain_text("Prometheus does not answer at http://127.0.0.1:")
        # A panel that is still asked for would lead to the login by itself.
        page.wait_for_load_state("networkidle")
        page.context.clear_cookies()
        page.get_by_role("button", name="Refresh", exact=True).click()
        page.wait_for_url(re.compile("/login"))
        sign_in(page)
        page.wait_for_url(board)
        expect(page.locator("[data-part=title]")).to_have_text("Coaching IA - Overview")


def test_dashboards_are_listed_by_the_server(browser: Browser, house: str) -> None:
    with signed_in(browser, house, java_script_enabled=False) as (page, _):
        page.goto("/dashboards")
        expect(page.locator(".boards li")).to_have_count(len(boards()))
        expect(page.get_by_text("Made by")).to_have_count(0)
        expect(page.get_by_label("Filter dashboards")).to_be_hidden()


def test_a_theme_that_is_switched_draws_an_open_board_again(browser: Browser, server: str) -> None:
    with opened(browser, color_scheme="light") as (page, errors):
        show(page, f"{server}/d/all")
        light = page.evaluate(INK)
        page.get_by_role("button", name="Theme: system").click()
        with page.expect_request(lambda request: "/panels/5?" in request.url and "theme=dark" in request.url):
            page.get_by_role("button", name="Theme: light").click()
        page.wait_for_function(READY)
        assert page.evaluate(INK) != light
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
        assert errors == []
