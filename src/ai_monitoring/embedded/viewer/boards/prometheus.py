"""Queries to Prometheus: over a range, at its end, or both; as series or as a table; with exemplars."""

import math
from collections.abc import Sequence
from typing import Any

from ai_monitoring.embedded.viewer.boards import intervals
from ai_monitoring.embedded.viewer.boards.frames import MALFORMED, Answer, Exemplar, Field, Frame
from ai_monitoring.embedded.viewer.boards.legends import full, legends
from ai_monitoring.embedded.viewer.boards.queries import Query, grid
from ai_monitoring.embedded.viewer.prometheus import results
from ai_monitoring.embedded.viewer.sources import Client, SourceError
from ai_monitoring.embedded.viewer.times import TimeRange

MAX_EXEMPLARS = 200
_INTERVALS = ("$__interval", "${__interval}")
_RATE_INTERVALS = ("$__rate_interval", "${__rate_interval}")


async def ask(query: Query, client: Client) -> Answer:
    """Its series or rows. Raises SourceError; exemplars that fail are an error of the answer."""
    step = step_of(query)
    expression = query.expression(step, _rate_interval(query, step))
    found = aligned(query.range, step, query.view.offset_seconds)
    answer = Answer()
    instant = query.is_instant
    if query.target.get("range") or not instant:
        window = {"start": _seconds(found.begin), "end": _seconds(found.end), "step": _seconds(step)}
        content = await client.post("prometheus", "/api/v1/query_range", {"query": expression, **window})
        answer.frames += _frames(query, expression, results(content), found, step)
    if instant:
        moment = _seconds(query.range.end)
        content = await client.post("prometheus", "/api/v1/query", {"query": expression, "time": moment})
        answer.frames += _frames(query, expression, results(content), query.range, step)
    if query.target.get("exemplar"):
        await _add_exemplars(answer, query, expression, client)
    return answer


def step_of(query: Query) -> int:
    """Milliseconds between points, as Grafana's back end finds them. Raises SourceError for a bad interval."""
    wanted = str(query.target.get("interval") or "")
    least = query.interval
    if wanted and wanted not in _INTERVALS + _RATE_INTERVALS:
        try:
            least = intervals.milliseconds(query.text("interval"))
        except ValueError as error:
            raise SourceError(f"The query's interval: {error}") from error
    step = intervals.safe(intervals.interval(query.range.length, query.points, least), query.range.length)
    if wanted in _RATE_INTERVALS:
        return intervals.rate_interval(step)
    return step * query.whole("intervalFactor", 1, 100)


def aligned(found: TimeRange, step: int, offset_seconds: int) -> TimeRange:
    """Begin and end on multiples of the step by local clocks, so that points stay where they are at a refresh."""
    offset = offset_seconds * 1000

    def floor(time: int) -> int:
        return (time + offset) // step * step - offset

    return TimeRange(floor(found.begin), floor(found.end))


def number(text: str) -> float | None:
    """A sample's value; None for what JSON cannot hold."""
    value = float(text)
    return value if math.isfinite(value) else None


def series_frame(ref: str, name: str, labels: dict[str, str], times: list[int], values: list[Any]) -> Frame:
    return Frame(ref, [Field("Time", "time", times), Field("Value", "number", values, labels, name)])


def table(ref: str, column: str, samples: Sequence[tuple[dict[str, str], int, float | None]]) -> Frame:
    """A row a sample: its time, each label that any has, and its value."""
    labels = sorted({name for sample, _, _ in samples for name in sample})
    fields = [Field("Time", "time", [time for _, time, _ in samples])]
    fields += [Field(name, "string", [sample.get(name, "") for sample, _, _ in samples]) for name in labels]
    return Frame(ref, [*fields, Field(column, "number", [value for _, _, value in samples])])


def samples_of(result: Any) -> list[tuple[int, float | None]]:
    """Milliseconds since 1970 and value. Native histograms have none."""
    samples = result.get("values") or ([result["value"]] if "value" in result else [])
    return [(round(float(time) * 1000), number(value)) for time, value in samples]


def frames_of(
    query: Query, legend: str, expression: str, series: list[Any], found: TimeRange, step: int
) -> list[Frame]:
    """A frame a series, each with every time of the range."""
    names = legends(legend, expression, [result["metric"] for result in series])
    frames = []
    for result, name in zip(series, names, strict=True):
        samples = dict(samples_of(result))
        times, values = grid(samples, found.begin, found.end, step) if "values" in result else _apart(samples)
        frames.append(series_frame(query.ref, name, result["metric"], times, values))
    return frames


def _apart(samples: dict[int, float | None]) -> tuple[list[int], list[float | None]]:
    return list(samples), list(samples.values())


def _frames(query: Query, expression: str, series: list[Any], found: TimeRange, step: int) -> list[Frame]:
    if query.target.get("format") != "table":
        return frames_of(query, query.text("legendFormat"), expression, series, found, step)
    column = "Value" if query.alone else f"Value #{query.ref}"
    rows = [(result["metric"], time, value) for result in series for time, value in samples_of(result)]
    return [table(query.ref, column, rows)] if rows else []


async def _add_exemplars(answer: Answer, query: Query, expression: str, client: Client) -> None:
    window = {"start": _seconds(query.range.begin), "end": _seconds(query.range.end)}
    try:
        content = await client.post("prometheus", "/api/v1/query_exemplars", {"query": expression, **window})
        found = [
            Exemplar(full(series["seriesLabels"]), round(each["timestamp"] * 1000), value, each["labels"])
            for series in content["data"]
            for each in series["exemplars"]
            if (value := number(each["value"])) is not None
        ]
    except (SourceError, *MALFORMED) as error:
        answer.errors.append((query.ref, f"Its exemplars are missing. {error}"))
        return
    # The slowest are those that somebody looks for.
    answer.exemplars += sorted(found, key=lambda each: each.value)[-MAX_EXEMPLARS:]


def _rate_interval(query: Query, step: int) -> int:
    wanted = str(query.target.get("interval") or "")
    if wanted in _RATE_INTERVALS:
        return step
    if wanted in _INTERVALS:
        return intervals.rate_interval(step, step)
    return intervals.rate_interval(
        step, intervals.milliseconds(query.text("interval")) if wanted else intervals.SCRAPE_MS
    )


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.3f}"
