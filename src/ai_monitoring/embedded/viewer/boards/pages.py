"""The pages of dashboards: the list, and the frame in which the browser draws a board."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ai_monitoring.embedded.viewer.boards.board import listed
from ai_monitoring.embedded.viewer.boards.files import Boards
from ai_monitoring.embedded.viewer.templating import TEMPLATES


def pages(boards: Boards) -> list[Route]:
    """`/dashboards` and `/d/{uid}`. What a board shows comes from `/api/boards`."""

    async def every(request: Request) -> Response:
        context = {"boards": [listed(board) for board in boards.all()]}
        return TEMPLATES.TemplateResponse(request, "boards.html", context)

    async def one(request: Request) -> Response:
        return TEMPLATES.TemplateResponse(request, "board.html")

    # Grafana's own addresses end in the title, which may be anything.
    return [Route("/dashboards", every), Route("/d/{uid}", one), Route("/d/{uid}/{title}", one)]
