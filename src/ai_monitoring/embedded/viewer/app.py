"""The viewer's application: its own pages, and the routes of traces and dashboards that are handed in."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from ai_monitoring import __version__
from ai_monitoring.embedded.viewer.access.guard import SessionGuard
from ai_monitoring.embedded.viewer.access.headers import SecurityHeaders
from ai_monitoring.embedded.viewer.access.login import Login
from ai_monitoring.embedded.viewer.access.sessions import Sessions
from ai_monitoring.embedded.viewer.alerts.page import AlertPages
from ai_monitoring.embedded.viewer.explore.loki import Loki
from ai_monitoring.embedded.viewer.explore.page import ExplorePage
from ai_monitoring.embedded.viewer.failures import failed, refused
from ai_monitoring.embedded.viewer.home.page import HomePage
from ai_monitoring.embedded.viewer.prometheus import Prometheus
from ai_monitoring.embedded.viewer.runbooks.library import Library
from ai_monitoring.embedded.viewer.runbooks.page import RunbookPages
from ai_monitoring.embedded.viewer.settings import Settings
from ai_monitoring.embedded.viewer.sources import Client
from ai_monitoring.embedded.viewer.templating import STATIC


def viewer(settings: Settings, client: Client, routes: Sequence[BaseRoute] = ()) -> Starlette:
    """The application. `client` asks the sources, whoever made it closes it; `routes` are further pages."""
    sessions = Sessions()
    pages = [*Login(settings.password, sessions).routes(), *_pages(settings, client)]
    return Starlette(
        routes=[Route("/health", _health), Mount("/static", StaticFiles(directory=STATIC)), *pages, *routes],
        middleware=[Middleware(SecurityHeaders), Middleware(SessionGuard, sessions)],
        exception_handlers={HTTPException: refused, Exception: failed},
    )


def _pages(settings: Settings, client: Client) -> list[Route]:
    library, prometheus = Library(settings.runbooks), Prometheus(client)
    return [
        *HomePage(settings, prometheus, client, library).routes(),
        *AlertPages(prometheus, client, library).routes(),
        *RunbookPages(library).routes(),
        *ExplorePage(Loki(client)).routes(),
    ]


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "ok", "version": __version__})
