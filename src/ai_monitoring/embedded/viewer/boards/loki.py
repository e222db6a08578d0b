"""Queries to Loki: log lines, and numbers counted from them."""

from dataclasses import replace
from typing import Any

from ai_monitoring.embedded.viewer.boards import intervals
from ai_monitoring.embedded.viewer.boards.frames import Answer
from ai_monitoring.embedded.viewer.boards.prometheus import frames_of, samples_of
from ai_monitoring.embedded.viewer.boards.queries import Query
from ai_monitoring.embedded.viewer.log_lines import APART, log_lines
from ai_monitoring.embedded.viewer.prometheus import results
from ai_monitoring.embedded.viewer.sources import Client, SourceError
from ai_monitoring.embedded.viewer.times import TimeRange

MAX_LINES = 1000
"""As `maxLines` of the data source in grafana/provisioning."""
MOST_LINES = 5000
_API = "/loki/api/v1"


async def ask(query: Query, client: Client) -> Answer:
    """Its lines or series. Raises SourceError."""
    step = step_of(query)
    expression = query.expression(step, step)
    form = {
        "query": expression,
        "limit": str(query.whole("maxLines", MAX_LINES, MOST_LINES)),
        "direction": "forward" if query.target.get("direction") == "forward" else "backward",
    }
    begin, end = (f"{time}000000" for time in (query.range.begin, query.range.end))
    if query.is_instant:
        content = await client.get("loki", f"{_API}/query", {"time": end, **form}, APART)
    else:
        window = {"start": begin, "end": end, "step": f"{step / 1000:g}"}
        content = await client.get("loki", f"{_API}/query_range", {**window, **form}, APART)
    found = results(content)
    if content["data"]["resultType"] == "streams":
        return Answer(lines=log_lines(found))
    return Answer(frames_of(query, query.text("legendFormat"), expression, found, _reached(query.range, found), step))


def _reached(asked: TimeRange, series: list[Any]) -> TimeRange:
    """The range with the step that is under way: Loki counts it at its end, which is yet to come."""
    last = max((time for result in series for time, _ in samples_of(result)), default=asked.end)
    return replace(asked, end=max(asked.end, last))


def step_of(query: Query) -> int:
    """Milliseconds between points. Raises SourceError for a step that is no duration."""
    wanted = query.text("step", __interval=intervals.duration(query.interval))
    try:
        step = intervals.milliseconds(wanted) if wanted else query.interval * query.whole("resolution", 1, 100)
    except ValueError as error:
        raise SourceError(f"The query's step: {error}") from error
    return intervals.safe(step, query.range.length)
