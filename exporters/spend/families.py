"""A reading as Prometheus reads it."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client.metrics_core import Metric as Family

from ai_monitoring.metrics.families import family
from exporters.spend.reader import Reading


@dataclass(frozen=True, slots=True)
class Families:
    """A collector of one reading."""

    reading: Reading

    def collect(self) -> Iterator[Family]:
        """The metrics of the ledger; a series without a value is missing."""
        reading = self.reading
        for name in ("limit", "spent", "forecast"):
            values = [
                ([one.budget.scope, one.budget.name, one.budget.period, one.currency], float(getattr(one, name)))
                for one in reading.budgets
            ]
            yield family(f"ai_budget_{name}", values)
        yield family("ai_business_value_total", [(key, float(value)) for key, value in reading.values.items()])
        yield family("ai_roi_ratio", [([project], ratio) for project, ratio in reading.roi.items()])
        yield family("ai_reconciliation_gap_ratio", [([gap.provider], gap.ratio) for gap in reading.gaps])
        yield family("ai_reconciliation_timestamp_seconds", [([gap.provider], gap.at) for gap in reading.gaps])
