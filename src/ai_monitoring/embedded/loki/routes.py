"""Loki's HTTP API for queries, as Grafana uses it: a data source that is given this address works."""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from ai_monitoring.embedded.logql.errors import LogQLError
from ai_monitoring.embedded.logql.parser import parse
from ai_monitoring.embedded.loki.answers import Answer
from ai_monitoring.embedded.loki.catalogue import Catalogue
from ai_monitoring.embedded.loki.parameters import Parameters
from ai_monitoring.embedded.loki.pool import BusyError, QueryPool
from ai_monitoring.embedded.loki.queries import Queries
from ai_monitoring.embedded.loki.tail import Tail
from ai_monitoring.embedded.store.database import DatabaseError
from ai_monitoring.embedded.store.reader import QueryTimeoutError

VERSION = "3.7.6"
"""Of the Loki whose answers these are."""
MAX_BODY_BYTES = 1_000_000
PREFIX = "/loki/api/v1"
_CATEGORIES = "categorize-labels"
_Answering = Callable[["Question"], Answer]


class Question:
    """A request, read: its parameters, each with all its values, and what its headers ask for."""

    def __init__(self, request: Request, values: dict[str, list[str]]) -> None:
        self.path = request.path_params
        self.parameters = Parameters({name: texts[0] for name, texts in values.items()})
        self.values = values
        self.categorized = _CATEGORIES in request.headers.get("x-loki-response-encoding-flags", "")


async def _question(request: Request) -> Question:
    """From the address and, by POST, the form. Raises ValueError."""
    values = parse_qs(request.url.query, keep_blank_values=True, max_num_fields=100)
    if request.method == "POST":
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise ValueError(f"the form is larger than {MAX_BODY_BYTES} bytes")
        values |= parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100)
    return Question(request, values)


class Api:
    """The routes' handlers. A tail looks for new lines every `pause` seconds. `close` ends the threads."""

    def __init__(self, queries: Queries, pause: float = 1.0) -> None:
        self._queries = queries
        self._catalogue = Catalogue(queries)
        self.pool = QueryPool(queries.limits)
        self.tail = Tail(queries, self.pool, pause)

    def query(self, question: Question) -> Answer:
        given = question.parameters
        return self._queries.instant(given.text("query"), given.moment("time"))

    def query_range(self, question: Question) -> Answer:
        given = question.parameters
        begin, end = given.bounds()
        if end < begin:
            raise ValueError("end timestamp must not be before or equal to start time")
        return self._queries.range(
            given.text("query"),
            begin,
            end,
            given.step(begin, end),
            given.limit(),
            backward=given.backward(),
            categorized=question.categorized,
        )

    def format_query(self, question: Question) -> Answer:
        query = question.parameters.text("query")
        parse(query)
        return {"status": "success", "data": query.strip()}

    def routes(self) -> list[BaseRoute]:
        """Of port 3100."""
        answering = self._answering() | self._about_streams()
        return [
            *(
                Route(f"{PREFIX}/{path}", self._endpoint(answer), methods=["GET", "POST"])
                for path, answer in answering.items()
            ),
            WebSocketRoute(f"{PREFIX}/tail", self.tail.endpoint),
            Route(f"{PREFIX}/status/buildinfo", _build_information),
            Route("/ready", _ready),
        ]

    def _answering(self) -> dict[str, _Answering]:
        return {
            "query": self.query,
            "query_range": self.query_range,
            "format_query": self.format_query,
            "patterns": lambda _: {"status": "success", "data": []},
        }

    def _about_streams(self) -> dict[str, _Answering]:
        catalogue = self._catalogue
        return {
            "labels": lambda question: catalogue.names(question.parameters),
            "label": lambda question: catalogue.names(question.parameters),
            "label/{name}/values": lambda question: catalogue.values(question.path["name"], question.parameters),
            "series": lambda question: catalogue.series(_selectors(question), question.parameters),
            "index/stats": lambda question: catalogue.stats(question.parameters),
            "index/volume": lambda question: catalogue.volume(question.parameters),
            "index/volume_range": lambda question: catalogue.volume_range(question.parameters),
            "detected_labels": lambda question: catalogue.detected_labels(question.parameters),
            "detected_fields": lambda question: catalogue.detected_fields(question.parameters),
        }

    def _endpoint(self, answer: _Answering) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                question = await _question(request)
                return JSONResponse(await self.pool.run(lambda: answer(question)))
            except (ValueError, LogQLError) as error:
                return PlainTextResponse(str(error), 400)
            except BusyError as error:
                return PlainTextResponse(str(error), 429)
            except DatabaseError as error:
                return PlainTextResponse(str(error), 503)
            except QueryTimeoutError as error:
                return PlainTextResponse(
                    f"{error} Ask for a shorter time range, or for fewer streams: query_timeout", 504
                )

        return endpoint

    def close(self) -> None:
        self.pool.close()


def _selectors(question: Question) -> list[str]:
    return question.values.get("match[]", []) + question.values.get("match", [])


async def _build_information(_: Request) -> Response:
    return JSONResponse(
        {
            "version": VERSION,
            "revision": "embedded",
            "branch": "",
            "buildUser": "",
            "buildDate": "",
            "goVersion": "",
        }
    )


async def _ready(_: Request) -> Response:
    return PlainTextResponse("ready\n")
