"""One browser and one stub server for the tests of the viewer's pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from asgi_apps import served
from browser.chromium import executable, launched
from browser.stub_boards import stub
from embedded_apps import Assembled, assembled
from playwright.sync_api import Browser

from ai_monitoring.hosts import HostGuard


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if executable() is None:
        pytest.skip("no Chromium: apt-get install chromium")
    with launched() as browser:
        yield browser


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Assembled]:
    """The applications as the process has them, over an empty store."""
    with assembled(tmp_path) as embedded:
        yield embedded


@pytest.fixture
def house(embedded: Assembled) -> Iterator[str]:
    """The address of their viewer."""
    with served(HostGuard(embedded.viewer)) as address:
        yield address


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with served(stub()) as address:
        yield address
