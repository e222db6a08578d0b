"""The catalogue keeps to base units and bounded labels, and docs/metrics.md to the catalogue."""

import pytest
from watch import ROOT

from ai_monitoring.metrics import table
from ai_monitoring.metrics.catalog import CATALOG
from ai_monitoring.metrics.declaration import Metric

SCALED_UNITS = ("_ms", "_milliseconds", "_minutes", "_hours", "_percent", "_kb", "_mb", "_kilobytes", "_megabytes")
UNBOUNDED_LABELS = {"path", "url", "user", "user_id", "email", "ip", "address", "session", "prompt", "request_id"}
each_metric = pytest.mark.parametrize("metric", CATALOG.values(), ids=CATALOG.keys())


@each_metric
def test_units_are_base_units(metric: Metric) -> None:
    assert not metric.name.removesuffix("_total").endswith(SCALED_UNITS)


@each_metric
def test_labels_are_bounded(metric: Metric) -> None:
    assert not set(metric.labels) & UNBOUNDED_LABELS
    # These two tell of services that are not their own process, whose target has no service.
    told = metric.name.startswith(("container_", "ai_deployment_"))
    sets = {"instance", "job", "le"} if told else {"service", "instance", "job", "le"}
    assert not set(metric.labels) & sets, "Prometheus sets these"


@each_metric
def test_buckets_ascend(metric: Metric) -> None:
    assert list(metric.buckets) == sorted(set(metric.buckets))


@each_metric
def test_help_is_a_sentence(metric: Metric) -> None:
    assert metric.help.endswith(".")
    assert "|" not in metric.help


def test_the_page_of_metrics_is_current() -> None:
    assert (ROOT / table.FILE).read_text(encoding="utf-8") == table.render()


def test_the_page_of_metrics_has_them_all() -> None:
    assert {metric.name for metrics in table.SECTIONS.values() for metric in metrics} == CATALOG.keys()
