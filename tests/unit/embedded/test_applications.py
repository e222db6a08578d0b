from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from ai_monitoring import __version__
from ai_monitoring.embedded.applications import applications
from ai_monitoring.embedded.arguments import Arguments
from ai_monitoring.embedded.ingest.receiver import Receiver
from ai_monitoring.embedded.store.retention import Keep
from ai_monitoring.embedded.store.writer import Writer

PORTS = {"viewer": 3000, "loki": 3100, "tempo": 3200, "otlp_http": 4318, "metrics": 8889}


def given(folder: Path) -> Arguments:
    """Every port; nothing is served at them here."""
    return Arguments(
        data=folder,
        project=Path(__file__).parents[3],
        password_file=folder / "password",
        prometheus="http://127.0.0.1:1",
        alertmanager="http://127.0.0.1:1",
        keep=Keep(),
        otlp_grpc=4317,
        loki_at=None,
        **PORTS,
    )


@pytest.fixture
async def open_() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


def made(arguments: Arguments, open_: AsyncExitStack) -> dict[int, Starlette]:
    file = arguments.data / "embedded.sqlite3"
    writer = open_.enter_context(Writer(file))
    return applications(arguments, file, Receiver(writer), writer.counts, None, open_)


async def answer(app: Starlette, path: str, method: str = "GET") -> httpx2.Response:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
        return await client.request(method, path)


async def test_every_port_says_that_it_is_well(tmp_path: Path, open_: AsyncExitStack) -> None:
    apps = made(given(tmp_path), open_)
    assert set(apps) == set(PORTS.values())
    for app in apps.values():
        assert (await answer(app, "/health")).json() == {"status": "ok", "version": __version__}


@pytest.mark.parametrize(
    ("port", "method", "path", "status"),
    [
        (3000, "GET", "/login", 200),
        (3100, "GET", "/ready", 200),
        (3100, "POST", "/loki/api/v1/push", 400),
        (3100, "GET", "/loki/api/v1/labels", 200),
        (3200, "GET", "/api/echo", 200),
        (4318, "POST", "/v1/traces", 200),
        (8889, "GET", "/metrics", 200),
        (4318, "GET", "/loki/api/v1/labels", 404),
        (3100, "GET", "/metrics", 404),
    ],
)
async def test_each_port_answers_its_own(
    tmp_path: Path, open_: AsyncExitStack, port: int, method: str, path: str, status: int
) -> None:
    assert (await answer(made(given(tmp_path), open_)[port], path, method)).status_code == status


async def test_port_that_is_left_out_has_no_application(tmp_path: Path, open_: AsyncExitStack) -> None:
    arguments = replace(given(tmp_path), viewer=None, tempo=None)
    assert set(made(arguments, open_)) == {3100, 4318, 8889}
