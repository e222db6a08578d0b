"""Every panel has data under the demo: its Prometheus queries, asked of the real Prometheus."""

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from boards import PanelQuery, panel_queries
from checkout import Checkout, checkout, eventually

ELSEWHERE = {
    "overview-23-A": "containers run under the Compose engine alone",
    "overview-24-A": "containers run under the Compose engine alone",
    "overview-25-A": "containers run under the Compose engine alone",
    "overview-25-B": "containers run under the Compose engine alone",
    "overview-25-C": "containers run under the Compose engine alone",
}
"""Queries that the local engine cannot answer, each with its reason. The Compose test asks them."""
MINUTES = 5
QUERIES = [query for query in panel_queries("prometheus") if query.label not in ELSEWHERE]


@pytest.fixture(scope="module")
def demo() -> Iterator[Checkout]:
    with checkout() as copy:
        start = copy.run("--demo", "--engine", "local")
        assert start.returncode == 0, start.stdout + start.stderr
        yield copy


def test_every_query_that_is_asked_elsewhere_exists() -> None:
    assert ELSEWHERE.keys() <= {query.label for query in panel_queries("prometheus")}


def test_every_panel_has_data(demo: Checkout) -> None:
    silent = list(QUERIES)

    def all_are_answered() -> bool:
        silent[:] = [query for query in silent if not answered(demo, query)]
        return not silent

    try:
        eventually("every panel has data", all_are_answered, within=60 * MINUTES)
    except AssertionError:
        pytest.fail("\n".join(f"{query.label} {query.panel}: {query.runnable}" for query in silent))


def answered(demo: Checkout, query: PanelQuery) -> list[Any]:
    """The samples that Prometheus has for it now."""
    address = f"http://127.0.0.1:{demo.ports['PROMETHEUS_PORT']}/api/v1/query"
    body = urllib.parse.urlencode({"query": query.runnable}).encode()
    with urllib.request.urlopen(address, data=body, timeout=10) as response:
        samples: list[Any] = json.load(response)["data"]["result"]
        return [sample for sample in samples if sample["value"][1] != "NaN"]
