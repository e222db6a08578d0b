"""Declared metrics bound to a Prometheus registry, with their children cached and their number capped."""

import os
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from ai_monitoring.metrics.catalog import CATALOG
from ai_monitoring.metrics.declaration import OTHER, Kind, Metric

_shared = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
if _shared:
    # A folder below /run is gone after a reboot, and prometheus_client would stop the service for that.
    Path(_shared).mkdir(parents=True, exist_ok=True)

# `…_created` series double what a counter costs and no rule reads them.
disable_created_metrics()

# Binding one metric can need another (the count of dropped series), hence never while holding the lock twice.
_bound: WeakKeyDictionary[CollectorRegistry, dict[str, "Instrument"]] = WeakKeyDictionary()
_lock = Lock()


class Instrument(dict[str | tuple[str, ...], Any]):
    """One metric's children by label values: `instrument["GET", "/users/{id}"].observe(0.2)`.

    A plain dictionary look-up on the hot path. A metric without labels has one child, `instrument[()]`. A label set
    beyond `max_series` lands in the child whose open labels read `other`, and is counted as dropped.
    """

    def __init__(self, metric: Metric, registry: CollectorRegistry) -> None:
        super().__init__()
        self.metric = metric
        self._registry = registry
        self._collector = _collector(metric, registry)
        self.steps: list[None] = []
        if not metric.labels:
            self[()] = self._collector

    def __missing__(self, values: str | tuple[str, ...]) -> Any:
        key = (values,) if isinstance(values, str) else values
        if len(self) >= self.metric.max_series:
            if self.metric.name != "ai_monitoring_series_dropped_total":
                instrument("ai_monitoring_series_dropped_total", self._registry)[self.metric.name].inc()
            return self._collector.labels(*self._capped(key))
        child = self._collector.labels(*key)
        self[values] = child
        return child

    def prepare(self, values: str | tuple[str, ...]) -> None:
        """Show a series at 0 before its first observation, unless the cap is reached: a rule misses a first value."""
        if values not in self and len(self) < self.metric.max_series:
            self[values]

    def _capped(self, values: tuple[str, ...]) -> tuple[str, ...]:
        open_labels = self.metric.open_labels
        return tuple(
            OTHER if label in open_labels else value for label, value in zip(self.metric.labels, values, strict=True)
        )


def instrument(name: str, registry: CollectorRegistry = REGISTRY) -> Instrument:
    """The metric of that name in `registry`, made on first use.

    Raises KeyError for a name that the catalogue does not declare.
    """
    with _lock:
        instruments = _bound.setdefault(registry, {})
        if name not in instruments:
            instruments[name] = Instrument(CATALOG[name], registry)
        return instruments[name]


def _collector(metric: Metric, registry: CollectorRegistry) -> Counter | Gauge | Histogram:
    match metric.kind:
        case Kind.COUNTER:
            return Counter(metric.name, metric.help, metric.labels, registry=registry)
        case Kind.GAUGE:
            # With several workers a gauge is the sum over those that live.
            return Gauge(metric.name, metric.help, metric.labels, registry=registry, multiprocess_mode="livesum")
        case Kind.HISTOGRAM:
            return Histogram(metric.name, metric.help, metric.labels, registry=registry, buckets=metric.buckets)
