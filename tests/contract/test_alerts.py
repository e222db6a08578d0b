"""No alert without its tests, its runbook and the words that a person needs."""

from pathlib import Path

import pytest
import yaml
from watch import ROOT, Rule, alerts, numbers, queries, rule_tests, rules, runbooks, selectors

HEADINGS = ["Meaning", "Impact", "Diagnosis", "Resolution", "Prevention"]


def label(alert: Rule) -> str:
    return f"{alert.alert}-{alert.severity}"


@pytest.mark.parametrize("alert", alerts(), ids=label)
def test_an_alert_says_what_and_what_to_do(alert: Rule) -> None:
    assert alert.severity in {"critical", "warning", "info", "none"}
    assert alert.annotations.keys() == {"summary", "description", "first_step", "runbook"}
    assert alert.annotations["runbook"] == f"docs/runbooks/{alert.concern}/{alert.alert}.md"


@pytest.mark.parametrize("alert", alerts(), ids=label)
def test_an_alert_compares_with_thresholds_and_states_not_with_numbers(alert: Rule) -> None:
    assert set(numbers(alert.expr)) <= {0, 1}


def test_every_alert_has_a_test_in_which_it_fires() -> None:
    fired = {
        (case["alertname"], expected["exp_labels"]["severity"])
        for test in rule_tests()
        for case in test.get("alert_rule_test", ())
        for expected in case["exp_alerts"]
    }
    assert fired == {(alert.alert, alert.severity) for alert in alerts()}


def test_every_alert_has_a_test_in_which_it_keeps_quiet() -> None:
    """Each severity for itself: a case without it, be it that its warning alone fires."""
    cases = [case for test in rule_tests() for case in test.get("alert_rule_test", ())]
    quiet = {
        (alert.alert, alert.severity)
        for alert in alerts()
        for case in cases
        if case["alertname"] == alert.alert
        and alert.severity not in {expected["exp_labels"]["severity"] for expected in case["exp_alerts"]}
    }
    assert quiet == {(alert.alert, alert.severity) for alert in alerts() if alert.alert != "Watchdog"}


def test_every_recorded_series_is_tested_or_read_by_a_rule_that_is() -> None:
    tested = {case["expr"] for test in rule_tests() for case in test.get("promql_expr_test", ())}
    read = {name for expr in (*tested, *(rule.expr for rule in rules())) for name, _ in selectors(expr)}
    assert {rule.record for rule in rules() if rule.record} <= read


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    named = {alert.annotations["runbook"] for alert in alerts()}
    assert {str(runbook.relative_to(ROOT)) for runbook in runbooks()} == named


@pytest.mark.parametrize("runbook", runbooks(), ids=lambda runbook: runbook.stem)
def test_a_runbook_is_complete(runbook: Path) -> None:
    lines = runbook.read_text(encoding="utf-8").splitlines()
    assert lines[0] == f"# {runbook.stem}"
    assert [line.removeprefix("## ") for line in lines if line.startswith("## ")] == HEADINGS
    assert not [line for line in lines if "TODO" in line or "TBD" in line]
    assert any(line.startswith("1. ") for line in lines)
    assert queries(runbook)


def test_a_critical_alert_silences_the_warning_of_the_same_thing_alone() -> None:
    """What tells two alerts of one name apart, a label of their tests, is what Alertmanager compares.

    But for the window of a burn rate: a page on an hour says all that a ticket on a day would.
    """
    config = yaml.safe_load((ROOT / "alertmanager" / "alertmanager.yml").read_text(encoding="utf-8"))
    (rule,) = (rule for rule in config["inhibit_rules"] if rule["source_matchers"] == ['severity="critical"'])
    severities: dict[str, set[str]] = {}
    for alert in alerts():
        severities.setdefault(alert.alert, set()).add(alert.severity)
    told_apart = {
        label
        for test in rule_tests()
        for case in test.get("alert_rule_test", ())
        if severities[case["alertname"]] >= {"critical", "warning"}
        for expected in case["exp_alerts"]
        for label in expected["exp_labels"]
    }
    assert told_apart - {"severity", "window"} <= set(rule["equal"])
