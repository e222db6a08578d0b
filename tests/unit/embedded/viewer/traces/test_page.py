"""The pages of traces as a browser gets them."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from span_store import store_of
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient
from trace_corpus import corpus_spans, trace_id

from ai_monitoring.embedded.store.records import Span
from ai_monitoring.embedded.viewer.failures import refused
from ai_monitoring.embedded.viewer.traces.page import TracePages

Browser = Callable[..., TestClient]


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    """A client of the pages over the corpus and further spans; the corpus began two minutes ago."""

    def over(*spans: Span) -> TestClient:
        file = store_of(tmp_path, [*corpus_spans(int(time.time() - 120) * 10**9), *spans])
        app = Starlette(routes=TracePages(file).routes(), exception_handlers={HTTPException: refused})
        return TestClient(app)

    return over


def test_the_waterfall_tells_the_main_things_first(browser: Browser) -> None:
    page = browser().get("/trace/a1").text
    assert '<h1 class="break">shop: GET /checkout</h1>' in page
    facts = page[page.index('class="facts') : page.index("</dl>")]
    assert re.findall(r"<dd>([^<]+)</dd>", facts) == ["2.5 s", "5", "2"]
    assert "3 spans" in facts
    names = re.findall(r'class="name">([^<]+)<', page)
    assert names == ["GET /checkout", "load cart", "pay", "POST /charge", "SELECT cards"]


def test_each_span_has_its_details(browser: Browser) -> None:
    page = browser().get("/trace/a1").text
    charge = page[page.index("POST /charge</span>") : page.index("SELECT cards</span>")]
    for text in (
        "card refused",
        "http.response.status_code",
        "402",
        "exception",
        "after 1.38 s",
        "CardError",
        "pay-77",
    ):
        assert text in charge
    assert "/explore?query=%7Bservice_name%3D%22payment%22%7D" in charge


def test_a_link_leads_to_its_trace_and_a_missing_root_is_told(browser: Browser) -> None:
    page = browser().get("/trace/c3").text
    assert f'href="/trace/{trace_id("b2")}"' in page
    assert "The first span of this trace has not arrived" in page
    assert "its caller has not arrived" in page


def test_nothing_in_a_span_becomes_markup(browser: Browser) -> None:
    evil = "<script>alert(1)</script>"
    attributes = {evil: evil, "quote": '"><img src=x onerror=alert(1)>'}
    event = {"name": evil, "time": 5, "attributes": attributes}
    link = {"trace_id": "javascript:alert(1)", "span_id": "1", "attributes": attributes}
    now = int(time.time() * 1e9)
    span = Span(
        "e" * 32, "1" * 16, "", evil, evil, 1, now, now + 5, 2, evil, evil, attributes, attributes, (event,), (link,)
    )
    client = browser(span)
    for address in (
        f"/trace/{'e' * 32}",
        "/traces?q=%3Cscript%3Ealert(1)%3C/script%3E",
        f"/traces?service={evil}&name={evil}",
        "/traces",
    ):
        page = client.get(address).text
        assert evil not in page, address
        assert "<img" not in page
        assert "&lt;script&gt;" in page


@pytest.mark.parametrize("path", ["/trace/a1", "/traces?errors=1", "/trace/dead"])
def test_no_script_or_style_stands_in_a_page(browser: Browser, path: str) -> None:
    page = browser().get(path).text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|https?://(?!www\.w3\.org)", page)


def test_a_missing_trace_says_why_and_what_to_do(browser: Browser) -> None:
    answer = browser().get("/trace/dead")
    assert answer.status_code == 404
    assert f"No span of <code>{trace_id('dead')}</code> is kept." in answer.text
    assert "Load the page again." in answer.text


def test_what_is_no_identifier_is_refused(browser: Browser) -> None:
    answer = browser().get("/trace/xyz")
    assert answer.status_code == 400
    assert "trace IDs can only contain hex characters" in answer.text


@pytest.mark.parametrize(
    ("asked", "traces"),
    [
        ({}, ["GET /health", "worker", "POST /chat", "GET /checkout"]),
        ({"service": "payment"}, ["GET /checkout"]),
        ({"name": "CHAT GPT-4o"}, ["POST /chat"]),
        ({"name": "c.a"}, []),
        ({"slower": "1s"}, ["worker", "GET /checkout"]),
        ({"slower": "2400"}, ["GET /checkout"]),
        ({"errors": "1"}, ["GET /checkout"]),
        ({"q": "{ kind = consumer }", "service": "shop"}, ["worker"]),
        ({"from": "now-1s"}, []),
    ],
)
def test_a_search_finds_traces(browser: Browser, asked: dict[str, str], traces: list[str]) -> None:
    page = browser().get("/traces", params=asked)
    assert page.status_code == 200
    assert re.findall(r'<a href="/trace/[0-9a-f]{32}">([^<]+)</a>', page.text) == traces
    assert ("No trace matches." in page.text) == (not traces)


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"q": "{ foo = 1 }"}, "line 1, col 3: unknown identifier: foo"),
        ({"slower": "soon"}, "“soon” is no duration. Write 250ms, 1.5s or 2m."),
        ({"from": "then"}, "“then” is no time."),
    ],
)
def test_a_search_that_cannot_be_made_says_why(browser: Browser, asked: dict[str, str], problem: str) -> None:
    page = browser().get("/traces", params=asked)
    assert page.status_code == 400
    assert problem in page.text


def test_a_store_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "embedded.sqlite3"
    file.write_bytes(b"no database" * 1000)
    with TestClient(Starlette(routes=TracePages(file).routes())) as client:
        answer = client.get("/traces")
    assert answer.status_code == 400
    assert "cannot be used" in answer.text
