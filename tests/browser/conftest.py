"""One browser and one stub server for the tests of the viewer's pages."""

from collections.abc import Iterator

import pytest
from asgi_apps import served
from browser.chromium import executable, launched
from browser.stub_boards import stub
from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if executable() is None:
        pytest.skip("no Chromium: apt-get install chromium")
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with served(stub()) as address:
        yield address
