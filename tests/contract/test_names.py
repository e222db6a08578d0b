"""Rules and runbooks name only series that exist: declared, recorded, or exposed by a part of the watch."""

import re
from pathlib import Path

import pytest
import yaml
from boards import PanelQuery, boards, panel_queries
from datasources import filled_in, metrics_of_traces
from watch import ROOT, Rule, queries, rules, runbooks, selectors

from ai_monitoring.metrics.catalog import CATALOG
from ai_monitoring.metrics.declaration import Kind, Metric

LISTS: dict[str, dict[str, list[str]]] = {
    name: yaml.safe_load(Path(__file__).with_name(f"{name}.yml").read_text(encoding="utf-8"))
    for name in ("exporters", "instrumentations", "compose")
}
EXPORTERS = {name for lists in LISTS.values() for names in lists.values() for name in names}
SCRAPES = sorted((ROOT / "tests" / "scrapes").glob("*.txt"))
RECORDED = {rule.record for rule in rules() if rule.record}
TARGET_LABELS = {"job", "instance", "service", "le"}
METRIC_IN_PROSE = re.compile(r"`([a-z]\w*(?::[\w:]+|_(?:seconds|total|bytes|ratio)))`")


def exposed(metric: Metric) -> tuple[str, ...]:
    if metric.kind is Kind.HISTOGRAM:
        return (f"{metric.name}_bucket", f"{metric.name}_sum", f"{metric.name}_count")
    return (metric.name,)


DECLARED = {name: metric for metric in CATALOG.values() for name in exposed(metric)}


EXPRESSIONS = [
    *((rule.record or rule.alert, rule.expr) for rule in rules()),
    *((runbook.name, query) for runbook in runbooks() for query in queries(runbook)),
    *((query.label, query.runnable) for query in panel_queries("prometheus")),
    *((name, filled_in(query)) for name, query in metrics_of_traces()),
]
each_expression = pytest.mark.parametrize(
    ("place", "expr"), EXPRESSIONS, ids=[f"{place}-{number}" for number, (place, _) in enumerate(EXPRESSIONS)]
)


@each_expression
def test_every_series_that_is_read_exists(place: str, expr: str) -> None:
    unknown = {name for name, _ in selectors(expr) if name} - DECLARED.keys() - RECORDED - EXPORTERS
    assert not unknown, f"{place} reads {unknown}"


@each_expression
def test_every_label_that_is_matched_exists(place: str, expr: str) -> None:
    for name, labels in selectors(expr):
        if name in DECLARED:
            assert labels.keys() <= {*DECLARED[name].labels} | TARGET_LABELS, f"{place} reads {name}"


@pytest.mark.parametrize("runbook", runbooks(), ids=lambda runbook: runbook.stem)
def test_a_runbooks_prose_names_only_what_exists(runbook: Path) -> None:
    named = set(METRIC_IN_PROSE.findall(runbook.read_text(encoding="utf-8")))
    assert named <= CATALOG.keys() | DECLARED.keys() | RECORDED | EXPORTERS


@pytest.mark.parametrize("scrape", SCRAPES, ids=lambda scrape: scrape.stem)
def test_what_another_instrumentation_should_expose_is_in_its_scrape(scrape: Path) -> None:
    exposed = {re.split(r"[ {]", line, maxsplit=1)[0] for line in scrape.read_text(encoding="utf-8").splitlines()}
    assert set(LISTS["instrumentations"][scrape.stem]) <= exposed


def test_every_other_instrumentation_has_a_scrape() -> None:
    assert LISTS["instrumentations"].keys() == {scrape.stem for scrape in SCRAPES} | {"elsewhere"}


def test_every_listed_exporter_series_is_used() -> None:
    assert {name for _, expr in EXPRESSIONS for name, _ in selectors(expr)} >= EXPORTERS


@pytest.mark.parametrize("rule", [rule for rule in rules() if rule.alert], ids=lambda rule: rule.alert)
def test_alerts_read_the_normalised_layer(rule: Rule) -> None:
    raw = {name for name, _ in selectors(rule.expr)} & DECLARED.keys()
    assert not {name for name in raw if not name.startswith("ai_monitoring_")}


@pytest.mark.parametrize("query", panel_queries("prometheus"), ids=lambda query: query.label)
def test_panels_read_the_normalised_layer(query: PanelQuery) -> None:
    """But for those with exemplars, which recorded series do not carry."""
    raw = {name for name, _ in selectors(query.runnable)} & DECLARED.keys()
    assert query.exemplar or not {name for name in raw if not name.startswith("container_")}


def test_variables_are_read_from_what_exists() -> None:
    queried = [variable["query"] for board in boards().values() for variable in board["templating"]["list"]]
    read = [re.findall(r"label_values\(([\w:]+)", query) for query in queried if isinstance(query, str)]
    assert {name for names in read for name in names} <= RECORDED
