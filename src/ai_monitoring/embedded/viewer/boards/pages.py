"""The pages in which the browser draws dashboards: the list, and a board."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ai_monitoring.embedded.viewer.templating import TEMPLATES


def pages() -> list[Route]:
    """`/dashboards` and `/d/{uid}`. What they show comes from `/api/boards`."""
    return [
        Route("/dashboards", _page("boards.html")),
        # Grafana's own addresses end in the title, which may be anything.
        Route("/d/{uid}", _page("board.html")),
        Route("/d/{uid}/{title}", _page("board.html")),
    ]


def _page(template: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return TEMPLATES.TemplateResponse(request, template)

    return answer
