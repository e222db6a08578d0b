"""Prometheus' answers as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ai_monitoring.embedded.viewer.sources import Source


class Sample(NamedTuple):
    """A series' value now."""

    labels: Mapping[str, str]
    value: float


class Series(NamedTuple):
    """A series' points: seconds since 1970, and value."""

    labels: Mapping[str, str]
    points: list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Prometheus:
    """Every method raises SourceError when there is no answer."""

    source: Source

    async def now(self, expr: str) -> list[Sample]:
        answer = await self.source.get("/api/v1/query", {"query": expr})
        return [Sample(series["metric"], float(series["value"][1])) for series in answer["data"]["result"]]

    async def over(self, expr: str, begin: float, end: float, step: float) -> list[Series]:
        """`begin` and `end` in seconds since 1970, a point each `step` seconds."""
        query = {"query": expr, "start": f"{begin:.3f}", "end": f"{end:.3f}", "step": f"{step:.3f}"}
        answer = await self.source.get("/api/v1/query_range", query)
        return [
            Series(series["metric"], [(float(time), float(value)) for time, value in series["values"]])
            for series in answer["data"]["result"]
        ]

    async def targets(self) -> list[dict[str, Any]]:
        """Everything that is scraped: `labels`, `health` (up, down, unknown), `lastError`."""
        answer = await self.source.get("/api/v1/targets", {"state": "active"})
        return list(answer["data"]["activeTargets"])
