"""Loki's requests for deletion: here no query finds the lines when the answer comes, and soon no file has them."""

import sqlite3
import time
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from ai_monitoring.embedded.logql.errors import LogQLError
from ai_monitoring.embedded.logql.expressions import LogQuery
from ai_monitoring.embedded.logql.parser import parse
from ai_monitoring.embedded.logql.pipeline import selected
from ai_monitoring.embedded.logql.pushdown import NEVER, Pushed, pushed
from ai_monitoring.embedded.loki.parameters import Parameters
from ai_monitoring.embedded.store.errors import OverloadedError, WriteError
from ai_monitoring.embedded.store.reader import Reader
from ai_monitoring.embedded.store.writer import Writer

PATH = "/loki/api/v1/delete"


def delete_routes(writer: Writer) -> list[BaseRoute]:
    """Of port 3100. GET lists requests that are not carried out yet: here there are none."""

    async def delete(request: Request) -> Response:
        if request.method == "GET":
            return JSONResponse([])
        if "origin" in request.headers:
            return PlainTextResponse("no page in a browser may delete lines", 403)
        try:
            work = deletion(Parameters(request.query_params))
            await run_in_threadpool(lambda: writer.delete(work).result())
        except (ValueError, LogQLError) as error:
            return PlainTextResponse(str(error), 400)
        except OverloadedError as error:
            return PlainTextResponse(str(error), 429)
        except WriteError as error:
            return PlainTextResponse(str(error), 503)
        return Response(status_code=204)

    return [Route(PATH, delete, methods=["GET", "POST", "PUT"])]


def deletion(parameters: Parameters) -> Callable[[sqlite3.Connection], int]:
    """What `query`, `start` and `end` ask for, to be done inside a transaction. Raises ValueError and LogQLError."""
    query = parse(parameters.text("query"))
    if not isinstance(query, LogQuery):
        raise LogQLError('only log queries delete lines, such as {service_name="django"} |= "text"')
    if not parameters.text("start"):
        raise ValueError("start time not set")
    begin, end = _moment(parameters, "start"), _moment(parameters, "end")
    if end > time.time_ns():
        raise ValueError("deletes in the future are not allowed")
    if end <= begin:
        raise ValueError("start time can't be greater than or equal to end time")
    for stage in query.stages:
        _check(pushed([stage], {}))
    return lambda connection: _delete(connection, query, begin, end)


def _moment(parameters: Parameters, name: str) -> int:
    """Of seconds since 1970 Loki takes ten digits here and no fewer; of times, RFC 3339. No end is now."""
    text = parameters.text(name)
    try:
        if text and len(text) != 10 and "T" not in text.upper():
            raise ValueError(text)
        return parameters.moment(name)
    except ValueError as error:
        raise ValueError(f"invalid {name} time: require unix seconds or RFC3339 format") from error


def _check(plan: Pushed) -> None:
    if plan.rest:
        raise LogQLError('lines are deleted by filters such as |= "text" and | name="value" alone')


def _delete(connection: sqlite3.Connection, query: LogQuery, begin: int, end: int) -> int:
    """Lines in [begin, end]; how many those were."""
    count = 0
    for number, labels in selected(Reader(connection), query.matchers).items():
        plan = pushed(query.stages, labels)
        _check(plan)
        if plan.condition != NEVER:
            where = f"stream = ? AND time >= ? AND time <= ? AND ({plan.condition.sql})"
            values = (number, begin, end, *plan.condition.values)
            count += connection.execute(f"DELETE FROM line WHERE {where}", values).rowcount  # noqa: S608
    return count
