"""How much a query may ask for. As in loki/loki.yml, so that a query that runs here runs there."""

from dataclasses import dataclass

from ai_monitoring.embedded.logql.errors import LimitError

MAX_POINTS = 11_000


@dataclass(frozen=True)
class Limits:
    """`length` and `timeout` in seconds; `waiting` are queries beyond the `concurrent` ones."""

    entries: int = 5_000
    series: int = 500
    length: float = 169 * 3600.0
    timeout: float = 30.0
    concurrent: int = 4
    waiting: int = 60
    tails: int = 10

    def check_entries(self, limit: int) -> None:
        if limit > self.entries:
            raise LimitError(
                f"max entries limit per query exceeded, limit > max_entries_limit_per_query ({limit} > {self.entries})"
            )

    def check_length(self, nanoseconds: int) -> None:
        if nanoseconds > self.length * 1e9:
            raise LimitError(
                "the query time range exceeds the limit (query length: "
                f"{_hours(nanoseconds / 1e9)}, limit: {_hours(self.length)}): max_query_length"
            )

    def check_points(self, nanoseconds: int, step: int) -> None:
        if nanoseconds // step > MAX_POINTS:
            raise LimitError(
                f"exceeded maximum resolution of {MAX_POINTS:,} points per time series."
                " Try increasing the value of the step parameter"
            )

    def check_series(self, count: int) -> None:
        if count > self.series:
            raise LimitError(
                f"maximum number of series ({self.series}) reached for a single query; consider reducing query"
                " cardinality by adding more specific stream selectors, reducing the time range, or aggregating"
                " results with functions like sum(), count() or topk()"
            )


def _hours(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    return f"{hours}h{rest // 60}m{rest % 60}s"
