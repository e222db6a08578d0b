from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from board_sources import sources_at
from starlette.routing import BaseRoute
from stub_watch import PASSWORD, Watch, settings_of

from ai_monitoring.embedded.viewer.app import viewer
from ai_monitoring.embedded.viewer.settings import Settings
from ai_monitoring.embedded.viewer.sources import Client, Sources

ADDRESS = "http://127.0.0.1:3000"
WATCHED = sources_at("http://watch")
Visit = Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]]


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path)


@pytest.fixture
def visit(watch: Watch) -> Visit:
    """A viewer's visitor, who is not signed in. A failure inside the viewer ends the test unless it is `answered`."""

    @asynccontextmanager
    async def visiting(
        settings: Settings, *routes: BaseRoute, answered: bool = False, sources: Sources = WATCHED
    ) -> AsyncIterator[httpx2.AsyncClient]:
        asking = Client(sources, transport=httpx2.ASGITransport(watch.app()))
        transport = httpx2.ASGITransport(viewer(settings, asking, routes), raise_app_exceptions=not answered)
        async with aclosing(asking), httpx2.AsyncClient(transport=transport, base_url=ADDRESS) as client:
            yield client

    return visiting


@pytest.fixture
async def stranger(settings: Settings, visit: Visit) -> AsyncIterator[httpx2.AsyncClient]:
    async with visit(settings) as client:
        yield client


@pytest.fixture
async def client(stranger: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """Somebody who is signed in."""
    answer = await stranger.post("/login", data={"user": "admin", "password": PASSWORD})
    assert answer.status_code == 303
    return stranger
