"""Each threshold is written once, is used, is missed when it is gone, and is never interpolated."""

import re

import pytest
from watch import Rule, alerts, rules, selectors, thresholds

from ai_monitoring.metrics.catalog import CATALOG

IN_TEMPLATE = re.compile(r'query "([^"]+)"')


def read_by(*chosen: Rule) -> set[tuple[str, str]]:
    """The thresholds that the rules' expressions read, as (name, severity)."""
    return {
        (name, labels.get("severity", ""))
        for rule in chosen
        for name, labels in selectors(rule.expr)
        if name.startswith("threshold:")
    }


DECLARED = {(threshold.record, threshold.severity) for threshold in thresholds()}


def test_each_is_declared_once_and_in_one_file() -> None:
    assert len(DECLARED) == len(thresholds())
    assert {rule.concern for rule in rules() if rule.record.startswith("threshold:")} == {"thresholds"}
    assert all(threshold.record.startswith("threshold:") for threshold in thresholds())


def test_each_is_used_and_each_used_is_declared() -> None:
    assert read_by(*(rule for rule in rules() if rule.alert != "ThresholdMissing")) == DECLARED


def test_each_is_missed_when_it_is_gone() -> None:
    assert read_by(*(rule for rule in rules() if rule.alert == "ThresholdMissing")) == DECLARED


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: f"{alert.alert}-{alert.severity}")
def test_a_message_quotes_the_threshold_that_its_alert_compares_with(alert: Rule) -> None:
    quoted = {
        (name, labels.get("severity", ""))
        for template in alert.annotations.values()
        for query in IN_TEMPLATE.findall(template)
        for name, labels in selectors(query)
    }
    assert quoted <= read_by(alert)
    assert not read_by(alert) or quoted or alert.alert == "ThresholdMissing"


@pytest.mark.parametrize("threshold", thresholds(), ids=lambda rule: f"{rule.record}-{rule.severity}")
def test_a_threshold_on_a_histogram_is_one_of_its_bounds(threshold: Rule) -> None:
    for histogram in histograms(threshold.record.removeprefix("threshold:").removeprefix("slo_")):
        assert float(threshold.expr) in CATALOG[histogram].buckets


def test_the_bounds_of_slos_are_among_them() -> None:
    bounds = ("llm_request_duration_seconds", "llm_time_to_first_token_seconds", "ai_quality_score")
    assert all(histograms(name) for name in bounds)
    assert {f"threshold:slo_{name}" for name in bounds} <= {threshold.record for threshold in thresholds()}


def test_histograms_are_found_behind_the_normalised_layer() -> None:
    assert histograms("ai_request_duration_seconds") == {
        "faq_response_time_seconds",
        "training_plan_duration_seconds",
        "fastapi_request_duration_seconds",
        "django_request_duration_seconds",
        "streamlit_page_load_seconds",
    }


def histograms(name: str) -> set[str]:
    """The declared histograms of that name, or those that a recorded series of that name is made from."""
    if name in CATALOG:
        return {name} if CATALOG[name].buckets else set()
    buckets = {
        series
        for rule in rules()
        if plain(rule.record) == name
        for series, _ in selectors(rule.expr)
        if "_bucket" in series and plain(series) != name
    }
    return {histogram for series in buckets for histogram in histograms(plain(series))}


def plain(series: str) -> str:
    """`service:request_duration_seconds_bucket:rate5m` as `service_request_duration_seconds`."""
    return re.sub(r"_bucket(:rate\d+m)?$", "", series).replace(":", "_")
