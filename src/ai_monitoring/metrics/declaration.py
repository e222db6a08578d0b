"""What a metric of the house is: a name, a kind, its labels and its help, written down once."""

from dataclasses import dataclass
from enum import StrEnum

OTHER = "other"
"""The label value that takes what a cap turned away, and every value outside a closed set."""


class Kind(StrEnum):
    """The Prometheus metric types in use here."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric as Prometheus exposes it.

    `name` is the exposed name: a counter's ends in `_total`, a histogram's in its unit. `open_labels` are those whose
    values the application chooses (routes, exception names); once `max_series` label sets exist, their values become
    `other`. `buckets` are upper bounds in the metric's unit, without infinity.
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    open_labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    max_series: int = 1000

    def __post_init__(self) -> None:
        unknown = set(self.open_labels) - set(self.labels)
        if unknown:
            raise ValueError(f"{self.name}: open_labels names labels it does not have: {sorted(unknown)}")
        if (self.kind is Kind.COUNTER) != self.name.endswith("_total"):
            raise ValueError(f"{self.name}: a counter's name ends in _total, and only a counter's")
        if (self.kind is Kind.HISTOGRAM) != bool(self.buckets):
            raise ValueError(f"{self.name}: a histogram has buckets, and only a histogram")
