"""What people and programs may ask of the incident log, as JSON.

    GET  /api/incidents?status=open&severity=critical&service=&alert=&fingerprint=&since=&until=&limit=
    GET  /api/incidents/ID
    POST /api/incidents/ID/acknowledge   {"by": "ana", "note": "…"}
    POST /api/incidents/ID/notes         {"by": "ana", "text": "…"}
    GET  /api/digests/PERIOD             daily or weekly, as it would be sent now

`since` and `until` are times (RFC 3339) between which an incident was in force. What is wrong is answered with 400, 404
or 409 and `{"error": "…"}`. A POST must say that it is JSON, which a web page elsewhere cannot.
"""

import sqlite3
import time
from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ai_monitoring.incidents.alert import seconds
from ai_monitoring.incidents.body import json_texts
from ai_monitoring.incidents.desk import Desk
from ai_monitoring.incidents.digests import Digests
from ai_monitoring.incidents.incident import Status
from ai_monitoring.incidents.log import AlreadyOverError, UnknownIncidentError
from ai_monitoring.incidents.schedule import Period

MOST = 10_000
_TEXTS = ("severity", "service", "alert", "fingerprint")
_TIMES = ("since", "until")
_KNOWN = ("status", *_TEXTS, *_TIMES, "limit")


def routes(desk: Desk, digests: Digests | None = None, more: Sequence[Route] = ()) -> Starlette:
    """The API over one incident log, over the digests of it where the service sends any, and `more` of it."""

    async def incidents(request: Request) -> Response:
        found = await run_in_threadpool(lambda: desk.log.incidents(**_filters(request)))
        return JSONResponse({"incidents": [incident.as_json() for incident in found]})

    async def incident(request: Request) -> Response:
        return await _answer(request)

    async def acknowledge(request: Request) -> Response:
        content = await json_texts(request, "by", "note")
        await run_in_threadpool(desk.acknowledge, request.path_params["id"], content["by"], content["note"])
        return await _answer(request)

    async def note(request: Request) -> Response:
        content = await json_texts(request, "by", "text")
        await run_in_threadpool(desk.note, request.path_params["id"], content["by"], content["text"])
        return await _answer(request)

    async def digest(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(_preview, digests, request.path_params["period"]))

    async def _answer(request: Request) -> Response:
        found = await run_in_threadpool(desk.log.incident, request.path_params["id"])
        return JSONResponse(found.as_json())

    return Starlette(
        routes=[
            Route("/incidents", incidents),
            Route("/incidents/{id:int}", incident),
            Route("/incidents/{id:int}/acknowledge", acknowledge, methods=["POST"]),
            Route("/incidents/{id:int}/notes", note, methods=["POST"]),
            Route("/digests/{period}", digest),
            *more,
        ],
        exception_handlers={
            HTTPException: lambda _, error: _refusal(error.status_code, error.detail),
            UnknownIncidentError: lambda _, error: _refusal(404, error),
            AlreadyOverError: lambda _, error: _refusal(409, error),
            ValueError: lambda _, error: _refusal(400, error),
            OSError: lambda _, error: _refusal(503, f"the settings cannot be read: {error}"),
            sqlite3.Error: lambda _, error: _refusal(503, f"the log cannot be used: {error}"),
        },
    )


def _refusal(status: int, problem: object) -> Response:
    return JSONResponse({"error": str(problem)}, status)


def _preview(digests: Digests | None, period: str) -> dict[str, Any]:
    """A digest as it would be sent now. Raises HTTPException."""
    if period not in list(Period):
        raise HTTPException(404, f"there is no digest {period}; there are {', '.join(Period)}")
    if digests is None:
        raise HTTPException(404, "this service was started without settings, and sends no digest")
    return digests.preview(Period(period), time.time())


def _filters(request: Request) -> dict[str, Any]:
    """The query as arguments of IncidentLog.incidents. Raises ValueError."""
    query = request.query_params
    if unknown := sorted(set(query) - set(_KNOWN)):
        raise ValueError(f"{unknown[0]} is no filter; there are {', '.join(_KNOWN)}")
    limit = query.get("limit", "1000")
    if not limit.isdecimal() or not 1 <= int(limit) <= MOST:
        raise ValueError(f"limit={limit} is no number from 1 to {MOST}")
    return {
        "status": [_status(text) for text in query.getlist("status")],
        **{name: query.get(name) for name in _TEXTS},
        **{name: seconds(query[name]) for name in _TIMES if name in query},
        "limit": int(limit),
    }


def _status(text: str) -> Status:
    try:
        return Status(text)
    except ValueError:
        raise ValueError(f"status={text} is none of {', '.join(Status)}") from None
