from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from starlette.routing import BaseRoute
from stub_watch import PASSWORD, Watch, settings_of

from ai_monitoring.embedded.viewer.app import viewer
from ai_monitoring.embedded.viewer.settings import Settings

Visit = Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]]


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of("http://watch", tmp_path)


@pytest.fixture
def visit(watch: Watch) -> Visit:
    """A viewer's visitor, who is not signed in. A failure inside the viewer ends the test unless it is `answered`."""

    @asynccontextmanager
    async def visiting(
        settings: Settings, *routes: BaseRoute, answered: bool = False
    ) -> AsyncIterator[httpx2.AsyncClient]:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(watch.app())) as asking:
            transport = httpx2.ASGITransport(viewer(settings, routes, asking), raise_app_exceptions=not answered)
            async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:3000") as client:
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
