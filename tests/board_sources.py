"""Stand-ins for the data sources of boards, which answer what was recorded, and a view of an hour."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from asgi_apps import served
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ai_monitoring.embedded.viewer.boards.formats import Value
from ai_monitoring.embedded.viewer.boards.view import View
from ai_monitoring.embedded.viewer.sources import KINDS, Sources
from ai_monitoring.embedded.viewer.times import TimeRange

BEGIN, END = 1_800_000_000_000, 1_800_003_600_000


class StandIn:
    """Answers each path with what is set for it, or what that makes of the query; remembers what it was asked."""

    def __init__(self) -> None:
        self.address = ""
        self.forget()

    def forget(self) -> None:
        self.answers: dict[str, Any] = {}
        self.otherwise: Any = PlainTextResponse("no such page", 404)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.headers: dict[str, str] = {}

    def queries(self, path: str) -> list[dict[str, str]]:
        return [query for asked, query in self.asked if asked == path]

    async def answer(self, request: Request) -> Response:
        form = parse_qs((await request.body()).decode())
        query = {**dict(request.query_params), **{key: values[0] for key, values in form.items()}}
        self.asked.append((request.url.path, query))
        self.headers = dict(request.headers)
        found = self.answers.get(request.url.path, self.otherwise)
        found = found(query) if callable(found) and not isinstance(found, Response) else found
        return found if isinstance(found, Response) else JSONResponse(found)

    @contextmanager
    def up(self) -> Iterator[None]:
        with served(Starlette(routes=[Route("/{path:path}", self.answer, methods=["GET", "POST"])])) as address:
            self.address = address
            yield


def sources_at(address: str, **elsewhere: str) -> Sources:
    """Every source at one address, but for those that are named."""
    return Sources(**{**dict.fromkeys(KINDS, address), **elsewhere})


def view_of(**chosen: Value) -> View:
    named = {name: Value(**{**vars(value), "name": name}) for name, value in chosen.items()}
    return View(TimeRange(BEGIN, END), UTC, named, ("now-1h", "now"), "Board", datetime.fromtimestamp(END / 1000, UTC))


def matrix(*series: tuple[dict[str, str], list[tuple[float, str]]]) -> dict[str, Any]:
    result = [{"metric": labels, "values": [list(sample) for sample in samples]} for labels, samples in series]
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


def vector(*series: tuple[dict[str, str], str]) -> dict[str, Any]:
    result = [{"metric": labels, "value": [END / 1000, value]} for labels, value in series]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}
