"""Traces as a person meets them in Chromium: through the real writer, store and viewer."""

import re
import time

import pytest
from browser.axe import serious_findings
from browser.chromium import signed_in
from embedded_apps import Assembled
from playwright.sync_api import Browser, expect
from stub_watch import HOSTILE
from trace_corpus import corpus_spans, trace_id

from ai_monitoring.embedded.store.records import Span
from ai_monitoring.embedded.viewer.access.headers import HEADERS

CHECKOUT = f"/trace/{trace_id('a1')}"
LOOKS = [("light", 1280), ("dark", 1280), ("light", 375), ("dark", 375)]
PAGES = {
    "search": "/traces",
    "filters": "/traces?service=payment&slower=1ms&errors=1",
    "query": "/traces?q=%7B%7D",
    "nothing found": "/traces?name=nothing+is+called+so",
    "wrong query": "/traces?q=%7B",
    "trace": CHECKOUT,
    "hostile trace": f"/trace/{'e' * 32}",
    "no trace": f"/trace/{'f' * 32}",
}


@pytest.fixture
def house(embedded: Assembled, house: str) -> str:
    """With traces that began two minutes ago."""
    now = time.time_ns()
    odd = Span("e" * 32, "e" * 16, "", HOSTILE, HOSTILE, 2, now, now + 1, 2, HOSTILE, HOSTILE, {HOSTILE: HOSTILE})
    embedded.writer.write_spans([*corpus_spans(now // 10**9 * 10**9 - 120 * 10**9), odd]).result()
    return house


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_every_page_is_sound(browser: Browser, house: str, scheme: str, width: int) -> None:
    """No error in the console, no request elsewhere, nothing wider than the window, no serious finding of axe-core."""
    asked: list[str] = []
    size = {"width": width, "height": 800}
    with signed_in(browser, house, color_scheme=scheme, viewport=size) as (page, errors):
        page.on("request", lambda request: asked.append(request.url))
        for name, path in PAGES.items():
            answer = page.goto(path)
            assert answer is not None
            assert answer.header_value("content-security-policy") == HEADERS["Content-Security-Policy"]
            page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
            assert serious_findings(page) == [], name
            assert page.locator("main img, main script").count() == 0, name
        assert all(url.startswith(house) for url in asked)
    assert [error for error in errors if "status of 40" not in error] == []


def test_a_search_leads_to_a_trace_and_on_to_its_lines(browser: Browser, house: str) -> None:
    with signed_in(browser, house) as (page, errors):
        page.goto("/traces")
        page.get_by_label("Service").select_option("payment")
        page.get_by_label("Errors only").check()
        page.get_by_role("button", name="Search").click()
        page.locator(f"a[href='{CHECKOUT}']").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("shop: GET /checkout")
        page.get_by_role("link", name="Log lines of shop").first.click()
        expect(page).to_have_url(re.compile(r"/explore\?query=.*%22shop%22"))
    assert [error for error in errors if "status of" not in error] == []


def test_keys_go_along_the_spans(browser: Browser, house: str) -> None:
    focused = "document.activeElement.querySelector('.name').textContent"
    with signed_in(browser, house) as (page, errors):
        page.goto(CHECKOUT)
        rows = page.locator(".span:visible")
        expect(rows).to_have_count(5)
        page.locator(".span summary").first.focus()
        page.keyboard.press("ArrowDown")
        assert page.evaluate(focused) == "load cart"
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowLeft")
        expect(rows).to_have_count(1)
        page.keyboard.press("ArrowRight")
        expect(rows).to_have_count(5)
        page.keyboard.press("Enter")
        expect(page.locator(".span details[open]")).to_have_count(1)
        page.get_by_role("button", name="What GET /checkout called").click()
        expect(rows).to_have_count(1)
    assert errors == []


def test_a_trace_needs_no_script(browser: Browser, house: str) -> None:
    with signed_in(browser, house, java_script_enabled=False) as (page, _):
        page.goto(CHECKOUT)
        expect(page.locator(".span")).to_have_count(5)
        page.locator("summary", has_text="POST /charge").click()
        expect(page.get_by_text("card refused").first).to_be_visible()
