"""Under the demo every query of every panel has an answer, and every panel is drawn: without Docker, embedded."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from boards import UNANSWERED, PanelQuery, boards, panel_queries
from browser.axe import serious_findings
from browser.chromium import executable, launched, opened
from checkout import Checkout, checkout, eventually, hasten_slo
from incident_story import deploy, go_through_an_incident
from playwright.sync_api import Page

from ai_monitoring.stack.http import get_json

ELSEWHERE = {
    "overview-23-A": "containers run under the Compose engine alone",
    "overview-24-A": "containers run under the Compose engine alone",
    "overview-25-A": "containers run under the Compose engine alone",
    "overview-25-B": "containers run under the Compose engine alone",
    "overview-25-C": "containers run under the Compose engine alone",
    "devops-12-A": "containers run under the Compose engine alone",
    "devops-12-B": "containers run under the Compose engine alone",
    **UNANSWERED,
}
"""Queries that the local engine cannot answer, or no demo for sure within minutes, each with its reason. The Compose
test asks those of containers.
"""
EMPTY_TITLES = (
    *("Containers: ", "Money: ", "Prompt attacks", "Until the budget is gone", "Replicas", "GPU: "),
    *("Requests to models that are not approved", "Spend by "),  # the latter has a bar for each full hour
    *("Budgets: burn rate", "Bills: "),
)
MINUTES = 5
DRAWN_WITHIN = 90.0
AHEAD = "?from=now-1h&to=now%2B5m"
"""Sums of five minutes stand at the clock's full ones: the first may be yet to come."""
QUERIES = [query for query in panel_queries() if query.label not in ELSEWHERE]
ASKED = {
    "prometheus": ("PROMETHEUS_PORT", "/api/v1/query", "query"),
    "loki": ("LOKI_PORT", "/loki/api/v1/query", "query"),
    "tempo": ("TEMPO_PORT", "/api/search", "q"),
}
"""For each data source the port, the path and the name of the query."""
DRAWN = """() => {
  const bodies = [...document.querySelectorAll('.panel-body')].filter((body) => body.checkVisibility());
  return bodies.length > 0 && bodies.every((body) => body.children.length && !body.querySelector('.loading-text'));
}"""
EMPTY = """() => [...document.querySelectorAll('.panel')]
  .filter((panel) => panel.checkVisibility() && panel.querySelector('.panel-body > .state, .panel-note'))
  .map((panel) => panel.querySelector('.panel-title').textContent)"""


@pytest.fixture(scope="module")
def demo() -> Iterator[Checkout]:
    with checkout() as copy:
        hasten_slo(copy.root)
        start = copy.run("--demo", "--engine", "local")
        assert start.returncode == 0, start.stdout + start.stderr
        yield copy


@pytest.fixture(scope="module")
def full(demo: Checkout) -> Checkout:
    """The demo, once every query has an answer. Fails, naming those that stay without one."""
    silent = list(QUERIES)
    go_through_an_incident(demo.ports)
    deploy(demo.ports)

    def all_are_answered() -> bool:
        silent[:] = [query for query in silent if not answered(demo, query)]
        return not silent

    try:
        eventually("every panel has data", all_are_answered, within=60 * MINUTES)
    except AssertionError:
        pytest.fail("\n".join(f"{query.label} {query.panel}: {query.runnable}" for query in silent))
    return demo


def test_every_query_that_is_asked_elsewhere_exists() -> None:
    assert ELSEWHERE.keys() <= {query.label for query in panel_queries()}


def test_every_panel_has_data(full: Checkout) -> None:
    assert full.status()["healthy"]


@pytest.mark.skipif(executable() is None, reason="no Chromium: apt-get install chromium")
def test_every_panel_is_drawn(full: Checkout) -> None:
    viewer = f"http://127.0.0.1:{full.ports['GRAFANA_PORT']}"
    password = (full.root / ".runtime" / "secrets" / "grafana_admin_password").read_text(encoding="utf-8")
    with launched() as browser, opened(browser, viewport={"width": 1280, "height": 4000}) as (page, errors):
        page.goto(f"{viewer}/login")
        page.get_by_label("User").fill("admin")
        page.get_by_role("textbox", name="Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{viewer}/")
        for board in boards().values():
            address = f"{viewer}/d/{board['uid']}"
            # What came within the last step of a panel is drawn with the next one.
            deadline = time.monotonic() + DRAWN_WITHIN
            while empty := blank(page, address + AHEAD) & blank(page, address):
                assert time.monotonic() < deadline, (board["uid"], empty)
            assert serious_findings(page) == []
        assert errors == []


def blank(page: Page, address: str) -> set[str]:
    """The titles of panels that show nothing, or an error, once all are drawn; but those of `ELSEWHERE`."""
    page.goto(address)
    page.wait_for_function(DRAWN)
    return {title for title in page.evaluate(EMPTY) if not title.startswith(EMPTY_TITLES)}


def answered(demo: Checkout, query: PanelQuery) -> list[Any]:
    """What the query's data source has for it now."""
    setting, path, name = ASKED[query.datasource]
    if query.datasource == "loki" and "_over_time" not in query.expr:
        path = "/loki/api/v1/query_range"
    answer = get_json(f"http://127.0.0.1:{demo.ports[setting]}{path}", timeout=10, **{name: query.runnable})
    if query.datasource == "tempo":
        return list(answer["traces"])
    return [found for found in answer["data"]["result"] if found.get("value", [0, ""])[1] != "NaN"]
