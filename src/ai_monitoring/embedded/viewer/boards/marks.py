"""Annotations of a board: moments that its charts over time mark, as series of Prometheus whose values are times.

Of Grafana's kinds of annotation this is the one there is: an expression of Prometheus with `useValueForTime`.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from ai_monitoring.embedded.viewer.boards.files import Board
from ai_monitoring.embedded.viewer.boards.formats import query as in_query
from ai_monitoring.embedded.viewer.boards.frames import MALFORMED
from ai_monitoring.embedded.viewer.boards.legends import legends
from ai_monitoring.embedded.viewer.boards.references import source_of
from ai_monitoring.embedded.viewer.boards.view import View
from ai_monitoring.embedded.viewer.prometheus import results
from ai_monitoring.embedded.viewer.sources import Client, SourceError

MOST = 200


async def marks(board: Board, view: View, client: Client) -> list[dict[str, Any]]:
    """Those within the view's time range, oldest first; none where Prometheus has no answer: panels tell of that."""
    listed = (board.content.get("annotations") or {}).get("list") or []
    wanted = [one for one in listed if one.get("enable") and one.get("useValueForTime") and _of_prometheus(one)]
    found = await asyncio.gather(*(_asked(one, view, client) for one in wanted))
    return sorted((mark for several in found for mark in several), key=lambda mark: mark["time"])[-MOST:]


def _of_prometheus(annotation: dict[str, Any]) -> bool:
    try:
        return source_of(annotation.get("datasource")) == "prometheus"
    except SourceError:  # Grafana's own
        return False


async def _asked(annotation: dict[str, Any], view: View, client: Client) -> Sequence[dict[str, Any]]:
    asked = {"query": view.filled(str(annotation.get("expr") or ""), in_query), "time": str(view.range.end / 1000)}
    try:
        found = results(await client.post("prometheus", "/api/v1/query", asked))
        known = [_mark(annotation, one["metric"], float(one["value"][1])) for one in found]
    except (SourceError, *MALFORMED):
        return []
    return [mark for mark in known if view.range.begin <= mark["time"] <= view.range.end]


def _mark(annotation: dict[str, Any], labels: dict[str, str], time: float) -> dict[str, Any]:
    """Its time in milliseconds since 1970, and what is written beside it."""
    formats = (str(annotation.get(name) or "") for name in ("titleFormat", "textFormat"))
    title, text = (legends(one, "", [labels])[0] if one else "" for one in formats)
    return {"time": int(time), "title": title or str(annotation.get("name") or ""), "text": text}
