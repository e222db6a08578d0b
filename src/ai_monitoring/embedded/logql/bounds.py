"""How much an evaluation may hold on its way, so that one query cannot take the memory of all."""

from ai_monitoring.embedded.logql.errors import LimitError
from ai_monitoring.embedded.store.records import Labels

MAX_SERIES = 20_000
MAX_SERIES_TEXT = 8 * 2**20
MAX_SAMPLES = 2_000_000
MAX_VALUES = 1_000_000
MAX_TEXT = 256 * 1024
"""Characters of what a template makes, as of a line that comes in."""


class SeriesBounds:
    """Of one range aggregation."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._series = self._text = self._samples = 0

    def add_series(self, labels: Labels) -> None:
        """One more. Raises LimitError."""
        self._series += 1
        self._text += sum(len(name) + len(value) for name, value in labels)
        if self._series > MAX_SERIES:
            raise LimitError(f"the query makes more than {MAX_SERIES} series on its way: group it by fewer labels")
        if self._text > MAX_SERIES_TEXT:
            raise LimitError(
                f"the labels of the query's series take more than {MAX_SERIES_TEXT // 2**20} MB on its way: group it by"
                " shorter labels"
            )
        check_values(self._series, self._steps)

    def add_sample(self) -> None:
        """One more line or value that is kept until the windows are worked out. Raises LimitError."""
        self._samples += 1
        if self._samples > MAX_SAMPLES:
            raise LimitError(
                f"the query reads more than {MAX_SAMPLES} lines into memory: ask for a shorter time range, or for fewer"
                " streams"
            )


def check_values(series: int, steps: int) -> None:
    """Raises LimitError for a table that is too large."""
    if series * steps > MAX_VALUES:
        raise LimitError(
            f"the query makes more than {MAX_VALUES} values, of {series} series or more at {steps} steps: use a longer"
            " step, or group it by fewer labels"
        )


def check_text(size: int) -> None:
    """Raises ValueError for what a template must not make."""
    if size > MAX_TEXT:
        raise ValueError(f"the template makes more than {MAX_TEXT} characters")
