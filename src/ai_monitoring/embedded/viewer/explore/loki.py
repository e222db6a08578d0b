"""Loki's answers, from a Loki or from its embedded stand-in alike."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ai_monitoring.embedded.viewer.explore.question import Question
from ai_monitoring.embedded.viewer.log_lines import APART
from ai_monitoring.embedded.viewer.sources import Client
from ai_monitoring.embedded.viewer.times import TimeRange

_PLACE = re.compile(r"line (\d+), col (\d+)")


class Found(NamedTuple):
    """`kind` is `streams` for lines, else `matrix`, `vector` or `scalar` for numbers."""

    kind: str
    result: Any


@dataclass(frozen=True, slots=True)
class Loki:
    """Every method raises SourceError when there is no answer."""

    client: Client

    async def ask(self, question: Question, chosen: TimeRange, step: int) -> Found:
        query = {"limit": str(question.limit), "direction": question.direction}
        return await self._range(question.logql, *chosen.seconds, step, query)

    async def count(self, logql: str, begin: float, end: float, step: int) -> Found:
        return await self._range(logql, begin, end, step, {})

    async def services(self, chosen: TimeRange) -> list[str]:
        answer = await self.client.get("loki", "/loki/api/v1/label/service_name/values", _bounds(*chosen.seconds))
        return sorted(answer.get("data") or ())

    async def _range(self, logql: str, begin: float, end: float, step: int, further: Mapping[str, str]) -> Found:
        query = {"query": logql, "step": f"{step}s", **_bounds(begin, end), **further}
        data = (await self.client.get("loki", "/loki/api/v1/query_range", query, APART))["data"]
        return Found(data["resultType"], data["result"])


def _bounds(begin: float, end: float) -> dict[str, str]:
    return {"start": str(int(begin * 1000) * 1_000_000), "end": str(int(end * 1000) * 1_000_000)}


def place(error: str, logql: str) -> tuple[str, str, str] | None:
    """The query before, at and after the place that Loki's error names; None when it names none in it."""
    found = _PLACE.search(error)
    if not found:
        return None
    lines = logql.splitlines() or [""]
    row, column = int(found[1]), int(found[2])
    if row < 1 or row > len(lines):
        return None
    offset = sum(len(line) + 1 for line in lines[: row - 1]) + max(column - 1, 0)
    offset = min(offset, len(logql))
    return logql[:offset], logql[offset : offset + 1], logql[offset + 1 :]
