from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import httpx2
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ai_monitoring import __version__
from ai_monitoring.embedded.viewer.access.headers import HEADERS
from ai_monitoring.embedded.viewer.settings import Settings

Visit = Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]]


async def test_health(stranger: httpx2.AsyncClient) -> None:
    assert (await stranger.get("/health")).json() == {"status": "ok", "version": __version__}


async def test_unknown_page_is_told_in_the_frame(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/<script>alert(1)</script>")
    assert answer.status_code == 404
    assert "There is no page at /&lt;script&gt;" in answer.text
    assert 'aria-label="Pages"' in answer.text


async def test_unknown_data_is_told_as_json(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/nothing")
    assert (answer.status_code, answer.json()) == (404, {"error": "There is no page at /api/nothing."})


async def test_routes_handed_in_are_behind_the_door(settings: Settings, visit: Visit) -> None:
    async def page(_: Request) -> Response:
        return PlainTextResponse("seen")

    async with visit(settings, Route("/traces", page)) as client:
        assert (await client.get("/traces")).status_code == 303


async def test_defect_tells_nothing_of_the_inside(settings: Settings, visit: Visit) -> None:
    def broken() -> tuple[()]:
        raise RuntimeError("the secret inside")

    async with visit(replace(settings, boards=broken), answered=True) as client:
        form = {"user": "admin", "password": settings.password.read_text(encoding="utf-8").strip()}
        await client.post("/login", data=form)
        answer = await client.get("/")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "start_monitoring.py logs" in answer.text
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
