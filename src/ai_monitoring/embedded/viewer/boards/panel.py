"""A panel's data: its queries asked side by side, transformed, configured and drawn."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from ai_monitoring.embedded.viewer.boards import intervals, loki, prometheus, tempo
from ai_monitoring.embedded.viewer.boards.fields import configure
from ai_monitoring.embedded.viewer.boards.frames import MALFORMED, Answer, Exemplar
from ai_monitoring.embedded.viewer.boards.kinds import DRAWN, EMPTY, WITHOUT_DATA, Drawing, kind_of, unsupported
from ai_monitoring.embedded.viewer.boards.queries import Query
from ai_monitoring.embedded.viewer.boards.references import source_of
from ai_monitoring.embedded.viewer.boards.transform import transformed
from ai_monitoring.embedded.viewer.boards.view import View
from ai_monitoring.embedded.viewer.sources import Client, SourceError
from ai_monitoring.embedded.viewer.times import TimeError, time_range

MAX_QUERIES = 50
MAX_POINTS = 10_000
NO_DATA = "No data in this time range."
Panel = dict[str, Any]
_ASKERS: dict[str, Callable[[Query, Client], Awaitable[Answer]]] = {
    "prometheus": prometheus.ask,
    "loki": loki.ask,
    "tempo": tempo.ask,
}
_LEAST = {"prometheus": intervals.SCRAPE_MS}


async def data(panel: Panel, view: View, points: int, client: Client, theme: str) -> dict[str, Any]:
    """What the browser draws. Whatever fails is named in `errors`, and the rest is there."""
    kind = kind_of(panel)
    answer = Answer()
    view = _own_time(panel, view, answer)
    found = {
        **EMPTY,
        "kind": kind,
        "from": view.range.begin,
        "to": view.range.end,
        "step": 0,
        "errors": [],
        "empty": "",
    }
    if kind in WITHOUT_DATA:
        return found
    step = 0
    if kind not in DRAWN:
        answer.errors.append(("", unsupported(kind)))
    else:
        queries = _queries(panel, view, points, answer)
        for part in await asyncio.gather(*(_asked(query, client) for query in queries)):
            answer.add(part)
        step = max((_step(query) for query in queries), default=0)
        found.update(_drawn(kind, panel, answer, view, theme, step))
    errors = [{"ref": ref, "text": text} for ref, text in answer.errors]
    return {**found, "step": step, "errors": errors, "empty": _empty(panel, found)}


def _own_time(panel: Panel, view: View, answer: Answer) -> View:
    """A panel's own time range, such as `now/d`, and its shift into the past."""
    span = view.range
    try:
        if own := view.filled(str(panel.get("timeFrom") or "")):
            now = view.now or datetime.now(view.zone)
            span = time_range(own if "now" in own else f"now-{own}", "now", now)
        if shift := view.filled(str(panel.get("timeShift") or "")):
            span = span.earlier(intervals.milliseconds(shift))
    except (TimeError, ValueError) as error:
        answer.errors.append(("", f"The panel's own time range: {error}"))
    return replace(view, range=span)


def _queries(panel: Panel, view: View, points: int, answer: Answer) -> list[Query]:
    shown = [each for each in panel.get("targets") or [] if isinstance(each, dict) and not each.get("hide")]
    if len(shown) > MAX_QUERIES:
        answer.errors.append(("", f"{len(shown) - MAX_QUERIES} queries are left out: {MAX_QUERIES} are asked."))
    tables = sum(each.get("format") == "table" for each in shown)
    most = panel.get("maxDataPoints")
    points = min(most if isinstance(most, int) and most > 0 else points, MAX_POINTS)
    queries = []
    for target in shown[:MAX_QUERIES]:
        try:
            source = source_of(_reference(panel, target, view))
            least = _least(panel, view, source)
            queries.append(
                Query(
                    target,
                    source,
                    view,
                    max(intervals.interval(view.range.length, points, least), 1),
                    points,
                    tables < 2,
                )
            )
        except (SourceError, ValueError) as error:
            answer.errors.append((str(target.get("refId", "A")), str(error)))
    return queries


def _reference(panel: Panel, target: dict[str, Any], view: View) -> Any:
    """The query's data source, or the panel's; either may be a variable."""
    found = target.get("datasource") or panel.get("datasource")
    if isinstance(found, dict):
        return {key: view.filled(str(found.get(key) or "")) for key in ("uid", "type")}
    return view.filled(str(found)) if found else None


def _least(panel: Panel, view: View, source: str) -> int:
    """Milliseconds. Raises ValueError for an interval of the panel's that is none."""
    own = view.filled(str(panel.get("interval") or ""))
    return intervals.milliseconds(own) if own else _LEAST.get(source, 1)


async def _asked(query: Query, client: Client) -> Answer:
    ask = _ASKERS.get(query.source)
    if ask is None:
        return Answer(errors=[(query.ref, f"Queries to {query.source.capitalize()} are not answered here.")])
    try:
        return await ask(query, client)
    except SourceError as error:
        return Answer(errors=[(query.ref, str(error))])
    except MALFORMED as error:
        said = f"{type(error).__name__}: {error}"
        return Answer(errors=[(query.ref, f"The answer of {query.source.capitalize()} is not understood ({said}).")])


def _step(query: Query) -> int:
    """Milliseconds; 0 where the query has no steps, or none that can be read."""
    steps = {"prometheus": prometheus.step_of, "loki": loki.step_of}
    try:
        return steps[query.source](query)
    except (KeyError, SourceError):
        return 0


def _drawn(kind: str, panel: Panel, answer: Answer, view: View, theme: str, step: int) -> dict[str, Any]:
    try:
        answer.frames, errors = transformed(answer.frames, panel.get("transformations") or [])
        errors += configure(answer.frames, panel, view.lookup)
        answer.errors += [("", error) for error in errors]
        found = DRAWN[kind](Drawing(answer, panel.get("options") or {}, view, theme, step))
    except MALFORMED as error:
        answer.errors.append(("", f"The panel cannot be drawn: {error}"))
        return {}
    return {**found, "exemplars": [_exemplar(each) for each in answer.exemplars]}


def _exemplar(found: Exemplar) -> dict[str, Any]:
    trace = found.labels.get("trace_id", "")
    return {
        "series": found.series,
        "time": found.time,
        "value": found.value,
        "labels": found.labels,
        "trace_id": trace,
        "url": f"/trace/{quote(trace, safe='')}" if trace else "",
    }


def _empty(panel: Panel, found: dict[str, Any]) -> str:
    """What stands where nothing is drawn; empty where something is."""
    parts = (found["series"], found["values"], found["table"]["rows"], found["states"], found["heatmap"]["cells"])
    if any(parts) or found["lines"]:
        return ""
    defaults = (panel.get("fieldConfig") or {}).get("defaults")
    own = defaults.get("noValue") if isinstance(defaults, dict) else None
    return str(own or NO_DATA)
