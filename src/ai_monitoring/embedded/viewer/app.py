"""The viewer's application: its own pages, and the routes of traces and dashboards that are handed in."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx2
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
from ai_monitoring.embedded.viewer.access.hosts import HostGuard
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
from ai_monitoring.embedded.viewer.sources import Source, http_client
from ai_monitoring.embedded.viewer.templating import STATIC


def viewer(settings: Settings, routes: Sequence[BaseRoute] = (), client: httpx2.AsyncClient | None = None) -> Starlette:
    """The application. `routes` are further pages behind the same door; `client` asks the sources."""
    sessions = Sessions()
    asking = client or http_client()
    pages = [*Login(settings.password, sessions).routes(), *_pages(settings, asking)]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with asking:
            yield

    return Starlette(
        routes=[Route("/health", _health), Mount("/static", StaticFiles(directory=STATIC)), *pages, *routes],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(HostGuard, settings.hosts),
            Middleware(SessionGuard, sessions),
        ],
        exception_handlers={HTTPException: refused, Exception: failed},
        lifespan=lifespan,
    )


def _pages(settings: Settings, client: httpx2.AsyncClient) -> list[Route]:
    library = Library(settings.runbooks)
    prometheus = Prometheus(Source("Prometheus", settings.prometheus, client))
    alertmanager = Source("Alertmanager", settings.alertmanager, client)
    return [
        *HomePage(settings, prometheus, alertmanager, library).routes(),
        *AlertPages(prometheus, alertmanager, library).routes(),
        *RunbookPages(library).routes(),
        *ExplorePage(Loki(Source("Loki", settings.loki, client))).routes(),
    ]


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "ok", "version": __version__})
