"""Metrics of the catalogue whose values are known at scrape time alone, as a collector yields them."""

from collections.abc import Iterable, Sequence

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

from ai_monitoring.metrics.catalog import CATALOG
from ai_monitoring.metrics.declaration import Kind


def family(name: str, values: Iterable[tuple[Sequence[str], float | None]]) -> CounterMetricFamily | GaugeMetricFamily:
    """A counter or gauge with a value for each set of labels; a series whose value is None is missing."""
    metric = CATALOG[name]
    kind = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    made: CounterMetricFamily | GaugeMetricFamily = kind(name, metric.help, labels=metric.labels)
    for labels, value in values:
        if value is not None:
            made.add_metric(labels, value)
    return made
