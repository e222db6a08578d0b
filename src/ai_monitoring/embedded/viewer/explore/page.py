"""`/explore`: a plain form and its answer; JavaScript only makes it smoother."""

import asyncio
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ai_monitoring.embedded.viewer.explore.histogram import Histogram, aligned, counting, histogram, step_of
from ai_monitoring.embedded.viewer.explore.loki import Loki, place
from ai_monitoring.embedded.viewer.explore.numbers import Numbers, numbers
from ai_monitoring.embedded.viewer.explore.question import LEVELS, LIMITS, Question
from ai_monitoring.embedded.viewer.log_lines import LogLine, log_lines, ordered
from ai_monitoring.embedded.viewer.sources import SourceError
from ai_monitoring.embedded.viewer.templating import TEMPLATES
from ai_monitoring.embedded.viewer.times import TimeError, TimeRange, local_now, time_range

RANGES = (
    ("5 min", "now-5m"),
    ("15 min", "now-15m"),
    ("1 h", "now-1h"),
    ("6 h", "now-6h"),
    ("24 h", "now-24h"),
    ("7 d", "now-7d"),
)


@dataclass(slots=True)
class Answer:
    """Lines with their histogram, or numbers, or an error and the place in the query that it speaks of."""

    lines: list[LogLine] = field(default_factory=list)
    bars: Histogram | None = None
    numbers: list[Numbers] | None = None
    error: str = ""
    place: tuple[str, str, str] | None = None
    refused: bool = False


@dataclass(frozen=True, slots=True)
class ExplorePage:
    loki: Loki

    def routes(self) -> list[Route]:
        return [Route("/explore", self.page)]

    async def page(self, request: Request) -> Response:
        question, now = Question.of(request.query_params), local_now()
        range_error = ""
        try:
            chosen = time_range(question.begin, question.end, now)
        except TimeError as error:
            range_error, chosen = str(error), time_range("now-1h", "now", now)
        services, answer = await asyncio.gather(self._services(chosen), self._answer(question, chosen))
        context = {
            "question": question,
            "raw": bool(question.query) or "query" in request.query_params,
            "range": chosen,
            "range_error": range_error,
            "ranges": RANGES,
            "services": sorted({*services, question.service} - {""}),
            "levels": list(LEVELS),
            "limits": sorted({*LIMITS, question.limit}),
            "answer": answer,
            "live": question.end == "now",
        }
        return TEMPLATES.TemplateResponse(request, "explore.html", context)

    async def _services(self, chosen: TimeRange) -> list[str]:
        try:
            return await self.loki.services(chosen)
        except SourceError:
            return []  # the answer beside it tells why

    async def _answer(self, question: Question, chosen: TimeRange) -> Answer:
        step = step_of(chosen)
        try:
            found = await self.loki.ask(question, chosen, step)
            if found.kind != "streams":
                return Answer(numbers=numbers(found.kind, found.result))
            bars = await self._bars(question, chosen, step)
        except SourceError as error:
            logql = question.logql
            return Answer(error=str(error), place=place(str(error), logql), refused=error.refused)
        return Answer(ordered(log_lines(found.result), question.direction == "backward"), bars)

    async def _bars(self, question: Question, chosen: TimeRange, step: int) -> Histogram | None:
        begin, end = aligned(chosen, step)
        try:
            found = await self.loki.count(counting(question.logql, step), begin, end, step)
        except SourceError:
            return None  # the lines are there; a line format, say, cannot be counted everywhere
        return histogram(found.result, chosen, step)
