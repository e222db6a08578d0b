"""Prometheus' answers as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ai_monitoring.embedded.viewer.sources import PAGE_SECONDS, Client, SourceError


class Sample(NamedTuple):
    """A series' value now."""

    labels: Mapping[str, str]
    value: float


class Series(NamedTuple):
    """A series' points: seconds since 1970, and value."""

    labels: Mapping[str, str]
    points: list[tuple[float, float]]


_STRANGER = "The answer is not one of Prometheus or Loki: see whether the address is another's."


@dataclass(frozen=True, slots=True)
class Prometheus:
    """Every method raises SourceError when there is no answer."""

    client: Client

    async def now(self, expr: str) -> list[Sample]:
        found = results(await self._get("/api/v1/query", {"query": expr}))
        return [Sample(series["metric"], float(series["value"][1])) for series in found]

    async def over(self, expr: str, begin: float, end: float, step: float) -> list[Series]:
        """`begin` and `end` in seconds since 1970, a point each `step` seconds."""
        query = {"query": expr, "start": f"{begin:.3f}", "end": f"{end:.3f}", "step": f"{step:.3f}"}
        found = results(await self._get("/api/v1/query_range", query))
        return [
            Series(series["metric"], [(float(time), float(value)) for time, value in series["values"]])
            for series in found
        ]

    async def targets(self) -> list[dict[str, Any]]:
        """Everything that is scraped: `labels`, `health` (up, down, unknown), `lastError`."""
        answer = await self._get("/api/v1/targets", {"state": "active"})
        try:
            return list(answer["data"]["activeTargets"])
        except (KeyError, TypeError) as error:
            raise SourceError(_STRANGER) from error

    async def _get(self, path: str, query: Mapping[str, str]) -> Any:
        return await self.client.get("prometheus", path, query, within=PAGE_SECONDS)


def results(content: Any) -> list[Any]:
    """The series of an answer, whatever its type: a scalar is a series without labels. Raises SourceError."""
    try:
        data = content["data"]
        if data["resultType"] in ("scalar", "string"):
            return [{"metric": {}, "value": data["result"]}]
        return list(data["result"])
    except (KeyError, TypeError) as error:
        raise SourceError(_STRANGER) from error
