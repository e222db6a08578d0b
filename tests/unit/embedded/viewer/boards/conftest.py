"""What the tests of boards share: a view, a query, and a stand-in for the data sources."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from board_sources import StandIn, sources_at, view_of

from ai_monitoring.embedded.viewer.boards.formats import Value
from ai_monitoring.embedded.viewer.boards.queries import Query
from ai_monitoring.embedded.viewer.boards.view import View
from ai_monitoring.embedded.viewer.sources import Client


@pytest.fixture(scope="session")
def running_source() -> Iterator[StandIn]:
    found = StandIn()
    with found.up():
        yield found


@pytest.fixture
def source(running_source: StandIn) -> StandIn:
    running_source.forget()
    return running_source


@pytest.fixture
async def client(source: StandIn) -> AsyncIterator[Client]:
    found = Client(sources_at(source.address), seconds=5)
    yield found
    await found.aclose()


@pytest.fixture
def view() -> View:
    return view_of(service=Value(("django", "fastapi"), several=True), interval=Value(("5m",)))


@pytest.fixture
def query(view: View) -> Callable[..., Query]:
    """A query with these keys of Grafana's, 600 points wide."""

    def made(**target: Any) -> Query:
        return Query({"refId": "A", **target}, "prometheus", view, 15_000, 600)

    return made
