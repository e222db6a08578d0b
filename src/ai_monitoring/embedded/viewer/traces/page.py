"""`/traces`, the search, and `/trace/{id}`, the waterfall."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ai_monitoring.embedded.store.database import DatabaseError
from ai_monitoring.embedded.store.reader import QueryTimeoutError, reading
from ai_monitoring.embedded.tempo import tags
from ai_monitoring.embedded.tempo.identifiers import trace_id
from ai_monitoring.embedded.tempo.requests import RequestError
from ai_monitoring.embedded.traceql.errors import TraceQLError
from ai_monitoring.embedded.traceql.parser import parse
from ai_monitoring.embedded.traceql.search import Found, load, search
from ai_monitoring.embedded.traceql.syntax import Attribute
from ai_monitoring.embedded.traceql.trace import Trace
from ai_monitoring.embedded.viewer.templating import TEMPLATES
from ai_monitoring.embedded.viewer.times import TimeError, TimeRange, local_now, time_range
from ai_monitoring.embedded.viewer.traces.question import LIMIT, Question
from ai_monitoring.embedded.viewer.traces.waterfall import Waterfall, flat

SECONDS = 10.0
RANGES = (
    ("Last 15 minutes", "now-15m"),
    ("Last hour", "now-1h"),
    ("Last 6 hours", "now-6h"),
    ("Last 24 hours", "now-24h"),
    ("Last 7 days", "now-7d"),
)
_NS = 1_000_000  # of a millisecond
_SERVICE = Attribute("resource", "service.name")


@dataclass(frozen=True)
class TracePages:
    """Reads the store in `file`."""

    file: Path

    def routes(self) -> list[Route]:
        return [Route("/traces", self.search), Route("/trace/{trace_id}", self.trace)]

    async def search(self, request: Request) -> Response:
        question, now = Question.of(request.query_params), local_now()
        error = ""
        found: list[Found] = []
        chosen = time_range("now-1h", "now", now)
        try:
            chosen = time_range(question.begin, question.end, now)
            found = await run_in_threadpool(self._found, question, chosen)
        except (TimeError, TraceQLError, QueryTimeoutError, DatabaseError) as problem:
            error = str(problem)
        services = await run_in_threadpool(self._services, chosen)
        context: dict[str, Any] = {
            "question": question,
            "error": error,
            "found": [(Waterfall(one.trace), sum(len(given.spans) for given in one.sets)) for one in found],
            "services": sorted({*services, question.service} - {""}),
            "ranges": RANGES,
            "limit": LIMIT,
            "filters": "" if error else question.traceql,
        }
        return TEMPLATES.TemplateResponse(request, "traces.html", context, status_code=400 if error else 200)

    async def trace(self, request: Request) -> Response:
        try:
            identifier = trace_id(request.path_params["trace_id"])
        except RequestError as error:
            raise HTTPException(400, f"This is no trace's identifier: {error}.") from None
        found = await run_in_threadpool(self._load, identifier)
        context = {"identifier": identifier, "waterfall": Waterfall(found) if found else None, "flat": flat}
        return TEMPLATES.TemplateResponse(request, "trace.html", context, status_code=200 if found else 404)

    def _found(self, question: Question, chosen: TimeRange) -> list[Found]:
        """Raises TraceQLError and QueryTimeoutError."""
        query = parse(question.traceql)
        with reading(self.file, SECONDS) as reader:
            return search(reader, query, chosen.begin * _NS, chosen.end * _NS, LIMIT)

    def _services(self, chosen: TimeRange) -> list[str]:
        try:
            with reading(self.file, SECONDS) as reader:
                found = tags.values(reader, _SERVICE, chosen.begin * _NS, chosen.end * _NS)
                return [text for _, text in found]
        except (QueryTimeoutError, DatabaseError):
            return []

    def _load(self, identifier: str) -> Trace | None:
        with reading(self.file, SECONDS) as reader:
            return load(reader, identifier)
