"""The incident log as pages for a browser, which needs no script for them.

    GET  /?status=all&severity=&service=&alert=&since=7d    the list
    GET  /incidents/ID                                      one; ID is its number, or the fingerprint of its alert
    POST /incidents/ID/acknowledge, /incidents/ID/notes     the forms of that page

Who asks `/incidents/ID` without `Accept: text/html` is answered as the API does.
"""

import json
import logging
import re
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from ai_monitoring import durations
from ai_monitoring.embedded.viewer.access.headers import SecurityHeaders
from ai_monitoring.embedded.viewer.templating import STATIC, templates
from ai_monitoring.hosts import HostGuard
from ai_monitoring.incidents.body import MAX_TEXT, form_texts
from ai_monitoring.incidents.desk import Desk
from ai_monitoring.incidents.incident import CHOICES, SEVERITIES, Incident, Kind, Status, rank
from ai_monitoring.incidents.links import Links
from ai_monitoring.incidents.log import AlreadyOverError, IncidentLog, UnknownIncidentError

logger = logging.getLogger("ai_monitoring.incidents")

MOST = 200
"""Rows of a table."""
TIMES = ("1h", "24h", "7d", "30d")
_USUAL = {"status": "all", "severity": "", "service": "", "alert": "", "since": "7d"}
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_TEMPLATES = templates(Path(__file__).parent / "templates")
_TITLES = {403: "Refused", 404: "Not found", 409: "Too late", 503: "Not now"}


def pages(desk: Desk, settings: Path | None = None) -> Starlette:
    """The application. `settings` is what stack/incident_settings.py writes: where links lead."""
    of_one = IncidentPage(desk, settings)
    return Starlette(
        routes=[
            Route("/", IncidentList(desk.log, settings).page),
            Route("/incidents/{name}", of_one.page),
            Route("/incidents/{id:int}/acknowledge", of_one.acknowledge, methods=["POST"]),
            Route("/incidents/{id:int}/notes", of_one.note, methods=["POST"]),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(SecurityHeaders), Middleware(HostGuard)],
        exception_handlers={
            HTTPException: lambda request, error: _refusal(request, error.status_code, error.detail),
            UnknownIncidentError: lambda request, error: _refusal(request, 404, error),
            ValueError: lambda request, error: _refusal(request, 400, error),
            sqlite3.Error: lambda request, error: _refusal(request, 503, f"the log cannot be used: {error}"),
        },
    )


@dataclass(frozen=True, slots=True)
class IncidentList:
    """The list: what is not over, the worst first, then what is."""

    log: IncidentLog
    settings: Path | None

    async def page(self, request: Request) -> Response:
        asked = {name: request.query_params.get(name, usual) for name, usual in _USUAL.items()}
        unresolved, resolved = await run_in_threadpool(self._found, asked)
        context = {
            "asked": asked,
            "filtered": asked != _USUAL,
            "statuses": CHOICES,
            "severities": _with(SEVERITIES, asked["severity"]),
            "times": _with(TIMES, asked["since"]),
            "unresolved": sorted(unresolved, key=lambda incident: rank(incident.severity)),
            "resolved": resolved,
            "most": MOST,
            "now": time.time(),
            "board": _links(self.settings).board,
        }
        return _TEMPLATES.TemplateResponse(request, "incidents.html", context)

    def _found(self, asked: Mapping[str, str]) -> list[list[Incident]]:
        """What is not over, and what is; empty where nobody asks for it. Raises ValueError for a wrong filter."""
        if asked["status"] not in CHOICES:
            raise ValueError(f"{asked['status']!r} is no state; there are {', '.join(CHOICES)}")
        wanted = CHOICES[asked["status"]] or tuple(Status)
        filters: dict[str, Any] = {name: asked[name] for name in ("severity", "service", "alert") if asked[name]}
        if asked["since"]:
            filters["since"] = time.time() - durations.read(asked["since"]).total_seconds()
        groups = ([one for one in wanted if (one is Status.RESOLVED) == over] for over in (False, True))
        return [self.log.incidents(status=group, limit=MOST, **filters) if group else [] for group in groups]


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """One incident, and what a person may do about it."""

    desk: Desk
    settings: Path | None

    async def page(self, request: Request) -> Response:
        name: str = request.path_params["name"]
        if _FINGERPRINT.fullmatch(name):
            found = await run_in_threadpool(lambda: self.desk.log.incidents(fingerprint=name, limit=1))
            if not found:
                raise UnknownIncidentError(f"there is no incident of the alert {name}")
            return RedirectResponse(f"/incidents/{found[0].id}", 303)
        if not (name.isascii() and name.isdecimal()):
            raise UnknownIncidentError(f"there is no incident {name}")
        incident = await run_in_threadpool(self.desk.log.incident, int(name))
        return self._shown(request, incident) if _is_browser(request) else JSONResponse(incident.as_json())

    async def acknowledge(self, request: Request) -> Response:
        return await self._done(request, self.desk.acknowledge, "note")

    async def note(self, request: Request) -> Response:
        return await self._done(request, self.desk.note, "text")

    async def _done(self, request: Request, do: Callable[[int, str, str], None], field: str) -> Response:
        """Do what the form says; where that is refused, show it again with the reason and what was written."""
        number: int = request.path_params["id"]
        written = await form_texts(request, "by", field)
        try:
            await run_in_threadpool(do, number, written["by"], written[field])
        except (AlreadyOverError, ValueError) as error:
            incident = await run_in_threadpool(self.desk.log.incident, number)
            status = 409 if isinstance(error, AlreadyOverError) else 400
            return self._shown(request, incident, written, str(error), status)
        return RedirectResponse(f"/incidents/{number}", 303)

    def _shown(
        self,
        request: Request,
        incident: Incident,
        written: Mapping[str, str] | None = None,
        problem: str = "",
        status: int = 200,
    ) -> Response:
        links = _links(self.settings)
        runbook = links.runbook(incident)
        context = {
            "incident": incident,
            "told": [event for event in incident.events if event.kind is Kind.NOTIFIED],
            # A rule may name anything; what is no address is shown as text.
            "runbook": runbook if runbook.startswith(("https://", "http://")) else "",
            "panel": links.panel(incident),
            "silence": "" if incident.status is Status.RESOLVED else links.silence(incident),
            "written": {"by": "", "note": "", "text": "", **(written or {})},
            "problem": problem,
            "longest": MAX_TEXT,
            "now": time.time(),
        }
        return _TEMPLATES.TemplateResponse(request, "incident.html", context, status_code=status)


def _links(settings: Path | None) -> Links:
    """Where to go on from a page; nowhere while that cannot be read: the page is wanted all the same."""
    if settings is None:
        return Links()
    try:
        return Links.read(json.loads(settings.read_text(encoding="utf-8")))
    except (OSError, ValueError, LookupError, TypeError) as error:
        logger.error("The pages have no links, since the settings cannot be read: %s", error)
        return Links()


def _with(options: tuple[str, ...], chosen: str) -> tuple[str, ...]:
    return options if not chosen or chosen in options else (*options, chosen)


def _is_browser(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _refusal(request: Request, status: int, problem: object) -> Response:
    text = str(problem)
    if not _is_browser(request):
        return JSONResponse({"error": text}, status)
    title = _TITLES.get(status, "Not possible")
    told = f"{text[:1].upper()}{text[1:]}."
    return _TEMPLATES.TemplateResponse(request, "error.html", {"title": title, "text": told}, status_code=status)
