"""The dashboards' JSON over HTTP: the list, a board, a panel's data, the moments that it marks."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ai_monitoring.embedded.viewer.boards import board as boards_answer
from ai_monitoring.embedded.viewer.boards.colours import THEMES
from ai_monitoring.embedded.viewer.boards.files import Board, Boards
from ai_monitoring.embedded.viewer.boards.frames import MALFORMED
from ai_monitoring.embedded.viewer.boards.layout import panel_of
from ai_monitoring.embedded.viewer.boards.marks import marks
from ai_monitoring.embedded.viewer.boards.panel import data
from ai_monitoring.embedded.viewer.boards.variables import Variable, resolved
from ai_monitoring.embedded.viewer.boards.view import View
from ai_monitoring.embedded.viewer.sources import Client
from ai_monitoring.embedded.viewer.times import TimeError, time_range, zone

WIDTH = 1000
"""Pixels of a panel whose width nobody tells."""
MAX_WIDTH = 10_000
MAX_VALUES = 1000
"""Chosen values of all variables together."""


class RequestError(Exception):
    """A request that has no answer; the message says why, `status` is HTTP's."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def routes(boards: Boards, client: Client) -> list[Route]:
    """`/api/boards`, `/api/boards/{uid}`, its `/marks` and its `/panels/{id}`. Errors are JSON with a text `error`."""

    async def every(_: Request) -> Response:
        return JSONResponse([boards_answer.listed(board) for board in boards.all()])

    async def one(request: Request) -> Response:
        found = _board(boards, request)
        variables, view = await _seen(found, request, client, every_option=True)
        return JSONResponse(boards_answer.answer(found, boards.all(), variables, view))

    async def moments(request: Request) -> Response:
        found = _board(boards, request)
        _, view = await _seen(found, request, client, every_option=False)
        return JSONResponse({"marks": await marks(found, view, client)})

    async def panel(request: Request) -> Response:
        found = _board(boards, request)
        width, theme = _width(request), _theme(request)
        _, view = await _seen(found, request, client, every_option=False)
        own = panel_of(found, int(request.path_params["id"]), view)
        if own is None:
            raise RequestError(f"{found.title} has no panel {request.path_params['id']}.", 404)
        return JSONResponse(await data(own[0], own[1], width, client, theme))

    return [
        Route("/api/boards", _answering(every)),
        Route("/api/boards/{uid}", _answering(one)),
        Route("/api/boards/{uid}/marks", _answering(moments)),
        Route("/api/boards/{uid}/panels/{id:int}", _answering(panel)),
    ]


Endpoint = Callable[[Request], Awaitable[Response]]


def _answering(endpoint: Endpoint) -> Endpoint:
    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except RequestError as error:
            return JSONResponse({"error": str(error)}, error.status)
        except TimeError as error:
            return JSONResponse({"error": str(error)}, 400)
        except MALFORMED as error:
            said = f"The dashboard's file is not as Grafana writes it: {type(error).__name__}: {error}"
            return JSONResponse({"error": said}, 400)

    return answered


def _board(boards: Boards, request: Request) -> Board:
    uid = request.path_params["uid"]
    if (found := boards.get(uid)) is None:
        raise RequestError(f"There is no dashboard {uid!r}.", 404)
    return found


async def _seen(
    board: Board, request: Request, client: Client, *, every_option: bool
) -> tuple[Sequence[Variable], View]:
    """The variables, and the view with them."""
    start = boards_answer.start_of(board)
    address = (request.query_params.get("from") or start["from"], request.query_params.get("to") or start["to"])
    here = _zone(board, request)
    now = datetime.now(here)
    view = View(time_range(*address, now), here, {}, address, board.title, now)
    variables = await resolved(board.variables, _given(request), view, client, every_option=every_option)
    return variables, replace(view, chosen={each.value.name: each.value for each in variables})


def _zone(board: Board, request: Request) -> tzinfo:
    """The board's time zone or, where it has the browser's, what the request says."""
    own = str(board.content.get("timezone") or "browser")
    found = zone(request.query_params.get("timezone", "") if own == "browser" else own)
    if found is None:
        raise TimeError("This machine has no time zone.")
    return found


def _given(request: Request) -> dict[str, list[str]]:
    """The values that the address gives variables: `var-service=a&var-service=b`."""
    given: dict[str, list[str]] = {}
    pairs = [pair for pair in request.query_params.multi_items() if pair[0].startswith("var-")]
    if len(pairs) > MAX_VALUES:
        raise RequestError(f"The address gives variables {len(pairs)} values, {MAX_VALUES} are allowed.")
    for name, value in pairs:
        given.setdefault(name.removeprefix("var-"), []).append(value)
    return given


def _width(request: Request) -> int:
    text = request.query_params.get("width") or str(WIDTH)
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MAX_WIDTH and len(text) <= 5):
        raise RequestError(f"{text!r} is no width of a panel: write pixels from 1 to {MAX_WIDTH}.")
    return int(text)


def _theme(request: Request) -> str:
    theme = request.query_params.get("theme") or THEMES[0]
    if theme not in THEMES:
        raise RequestError(f"{theme!r} is no theme: write {' or '.join(THEMES)}.")
    return theme
