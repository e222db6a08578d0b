"""The catalogue as a whole."""

import re

import pytest
from prometheus_client import CollectorRegistry

from ai_monitoring.metrics.catalog import CATALOG
from ai_monitoring.metrics.declaration import Kind, Metric
from ai_monitoring.metrics.instrument import instrument

every_metric = pytest.mark.parametrize("metric", CATALOG.values(), ids=CATALOG.keys())


@every_metric
def test_binds_to_a_registry_under_its_own_name(metric: Metric) -> None:
    registry = CollectorRegistry()
    instrument(metric.name, registry)[metric.labels]

    names = {sample.name for family in registry.collect() for sample in family.samples}
    exposed = f"{metric.name}_count" if metric.kind is Kind.HISTOGRAM else metric.name
    assert exposed in names


@every_metric
def test_is_named_and_explained_as_prometheus_asks(metric: Metric) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", metric.name)
    assert metric.help.endswith(".")
    assert metric.buckets == tuple(sorted(set(metric.buckets)))
    assert metric.kind is not Kind.HISTOGRAM or metric.name.endswith(
        ("_seconds", "_score", "_confidence", "_retrieved", "_per_second")
    )


def test_no_name_is_declared_twice() -> None:
    from ai_monitoring.metrics import catalog

    groups = [group for group in vars(catalog).values() if isinstance(group, tuple) and group]
    declared = [metric.name for group in groups for metric in group if isinstance(metric, Metric)]
    assert len(declared) == len(set(declared)) == len(CATALOG)
