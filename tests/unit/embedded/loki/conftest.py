from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from ai_monitoring.embedded.ingest.receiver import Receiver
from ai_monitoring.embedded.ingest.routes import loki_routes
from ai_monitoring.embedded.loki.routes import routes
from ai_monitoring.embedded.store.writer import Writer


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "embedded.db"


@pytest.fixture
def writer(file: Path) -> Iterator[Writer]:
    with Writer(file) as writer:
        yield writer


@pytest.fixture
def app(file: Path, writer: Writer) -> Starlette:
    """Port 3100, with a store of its own."""
    return Starlette(routes=[*loki_routes(Receiver(writer)), *routes(file)])


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://loki") as client:
        yield client
