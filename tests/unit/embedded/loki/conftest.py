from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from ai_monitoring.embedded.ingest.receiver import Receiver
from ai_monitoring.embedded.ingest.routes import loki_routes
from ai_monitoring.embedded.loki.queries import Queries
from ai_monitoring.embedded.loki.routes import Api
from ai_monitoring.embedded.store.writer import Writer


@pytest.fixture
def api(file: Path) -> Iterator[Api]:
    api = Api(Queries(file))
    yield api
    api.close()


@pytest.fixture
def app(api: Api, writer: Writer) -> Starlette:
    """Port 3100, with a store of its own."""
    return Starlette(routes=[*loki_routes(Receiver(writer)), *api.routes()])


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://loki") as client:
        yield client
