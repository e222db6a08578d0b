"""The addresses of Tempo's HTTP API that Grafana and this house's own pages ask."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ai_monitoring import __version__
from ai_monitoring.embedded.store.database import DatabaseError
from ai_monitoring.embedded.store.reader import QueryTimeoutError, Reader, reading
from ai_monitoring.embedded.tempo import tags
from ai_monitoring.embedded.tempo.answers import plain_answer, search_answer
from ai_monitoring.embedded.tempo.identifiers import trace_id
from ai_monitoring.embedded.tempo.otlp import to_json, traces_data
from ai_monitoring.embedded.tempo.requests import RequestError, search_of, time_range
from ai_monitoring.embedded.traceql.errors import TraceQLError
from ai_monitoring.embedded.traceql.search import Scan, load, search
from ai_monitoring.embedded.traceql.syntax import Attribute, Intrinsic

SECONDS = 10.0
"""Of a query; then it is given up."""
CONCURRENT = 4
"""Queries that run at a time; the others wait."""
_PROTOBUF = "application/protobuf"
_Answer = Callable[[Reader, Request], Response]
_OLD_NAMES = {"name": "name", "root.name": "rootName", "root.service.name": "rootServiceName"}


def routes(file: Path) -> list[Route]:
    """What Tempo answers on its port, from the store in `file`."""
    limiter = anyio.CapacityLimiter(CONCURRENT)

    def reads(answer: _Answer) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await anyio.to_thread.run_sync(
                _answered, file, answer, request, limiter=limiter, abandon_on_cancel=True
            )

        return endpoint

    return [
        Route("/api/traces/{trace_id}", reads(_trace)),
        Route("/api/v2/traces/{trace_id}", reads(_trace_v2)),
        Route("/api/search", reads(_search)),
        Route("/api/search/tags", reads(_tags)),
        Route("/api/v2/search/tags", reads(_tags_v2)),
        Route("/api/search/tag/{tag:path}/values", reads(_tag_values)),
        Route("/api/v2/search/tag/{tag:path}/values", reads(_tag_values_v2)),
        Route("/api/echo", _plain("echo\n")),
        Route("/ready", _plain("ready\n")),
        Route("/api/status/buildinfo", _buildinfo),
    ]


def _answered(file: Path, answer: _Answer, request: Request) -> Response:
    try:
        with reading(file, SECONDS) as reader:
            return answer(reader, request)
    except TraceQLError as error:
        return PlainTextResponse(f"invalid TraceQL query: {error}", 400)
    except RequestError as error:
        return PlainTextResponse(str(error), 400)
    except DatabaseError as error:
        return PlainTextResponse(str(error), 503)
    except QueryTimeoutError as error:
        return PlainTextResponse(f"{error} Ask for a shorter time, or for fewer spans.", 504)


def _trace(reader: Reader, request: Request) -> Response:
    found = load(reader, trace_id(request.path_params["trace_id"]))
    if found is None:
        return Response(status_code=404)
    message = traces_data(found.spans)
    if _PROTOBUF in request.headers.get("accept", ""):
        return Response(message.SerializeToString(), media_type=_PROTOBUF)
    return JSONResponse({"batches": to_json(message)["resourceSpans"]})


def _trace_v2(reader: Reader, request: Request) -> Response:
    found = load(reader, trace_id(request.path_params["trace_id"]))
    message = traces_data(found.spans if found else ())
    if _PROTOBUF in request.headers.get("accept", ""):
        return Response(_first_field(message.SerializeToString()), media_type=_PROTOBUF)
    return JSONResponse({"trace": to_json(message), "metrics": {}})


def _first_field(message: bytes) -> bytes:
    """The message as field 1 of another: its tag, its length in groups of seven bits, itself."""
    length, rest = bytearray(), len(message)
    while rest > 127:
        length.append(rest & 127 | 128)
        rest >>= 7
    return bytes([0x0A, *length, rest]) + message


def _search(reader: Reader, request: Request) -> Response:
    asked, scan = search_of(request.query_params), Scan()
    found = search(reader, asked.query, asked.begin, asked.end, asked.limit, scan)
    if asked.plain:
        return JSONResponse(plain_answer(found, scan))
    return JSONResponse(search_answer(found, asked.query.references, asked.spans, scan))


def _tags(reader: Reader, request: Request) -> Response:
    scope = _scope(request)
    if scope == "intrinsic":
        return JSONResponse({"tagNames": tags.intrinsics(), "metrics": {}})
    found = tags.names(reader, *time_range(request.query_params))
    names = {name for part, names in found.items() if scope in ("", part) for name in names}
    return JSONResponse({"tagNames": sorted(names), "metrics": {}})


def _tags_v2(reader: Reader, request: Request) -> Response:
    scope = _scope(request)
    found = tags.names(reader, *time_range(request.query_params)) if scope != "intrinsic" else {}
    scopes = [("intrinsic", tags.intrinsics()), *found.items()]
    shown = [{"name": name, "tags": names} for name, names in scopes if scope in ("", name)]
    return JSONResponse({"scopes": shown, "metrics": {}})


def _scope(request: Request) -> str:
    scope = request.query_params.get("scope", "")
    if scope not in {"", "none", "intrinsic", "trace", "instrumentation", *tags.SCOPES}:
        raise RequestError(f"invalid scope: {scope}")
    return "" if scope == "none" else scope


def _tag_values(reader: Reader, request: Request) -> Response:
    tag = request.path_params["tag"]
    field = Intrinsic(_OLD_NAMES[tag]) if tag in _OLD_NAMES else Attribute("", tag)
    found = tags.values(reader, field, *time_range(request.query_params))
    if tag == "status.code":
        found = tags.values(reader, Intrinsic("status"), 0, 0)
    return JSONResponse({"tagValues": sorted({text for _, text in found}), "metrics": {}})


def _tag_values_v2(reader: Reader, request: Request) -> Response:
    parameters = request.query_params
    try:
        field = tags.reference(request.path_params["tag"])
    except TraceQLError as error:
        raise RequestError(f"please provide a valid tagName: {error}") from None
    found = tags.values(reader, field, *time_range(parameters), parameters.get("q", ""))
    return JSONResponse({"tagValues": [{"type": kind, "value": text} for kind, text in found], "metrics": {}})


def _plain(text: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(_: Request) -> Response:
        return PlainTextResponse(text)

    return endpoint


async def _buildinfo(_: Request) -> Response:
    known: dict[str, Any] = {"version": __version__, "revision": "", "branch": "", "buildUser": "", "buildDate": ""}
    return JSONResponse({**known, "goVersion": ""})
