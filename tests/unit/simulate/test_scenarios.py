"""The catalogue of incidents keeps to the rules."""

import pytest
from watch import ROOT, alerts, rule_tests

from ai_monitoring.simulate.scenarios import NOT_REHEARSED, SCENARIOS, Scenario

RULES = {(alert.alert, alert.severity) for alert in alerts()}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_an_incident_raises_an_alert_that_there_is(scenario: Scenario) -> None:
    assert (scenario.alert, scenario.severity) in RULES
    assert f"| `{scenario.name}` |" in (ROOT / "docs" / "simulate.md").read_text(encoding="utf-8")


def test_names_are_unique() -> None:
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)


def test_each_alert_is_rehearsed_or_listed_as_one_that_is_not() -> None:
    listed = [alert for alerts in NOT_REHEARSED.values() for alert in alerts]
    rehearsed = {scenario.alert for scenario in SCENARIOS}
    assert len(listed) == len(set(listed))
    assert not rehearsed & set(listed)
    assert rehearsed | set(listed) == {alert for alert, _ in RULES}


def test_the_guide_tells_why_alerts_are_not_rehearsed() -> None:
    guide = " ".join((ROOT / "docs" / "simulate.md").read_text(encoding="utf-8").split())
    assert [why for why in NOT_REHEARSED if why not in guide] == []


def test_what_is_not_rehearsed_is_proven_by_promtool() -> None:
    proven = {
        case["alertname"] for test in rule_tests() for case in test.get("alert_rule_test", ()) if case["exp_alerts"]
    }
    assert {alert for alerts in NOT_REHEARSED.values() for alert in alerts} <= proven


def test_labels_and_severity_tell_an_alert_from_its_neighbours() -> None:
    scenario = SCENARIOS[0]
    labels = {"alertname": scenario.alert, "severity": scenario.severity, **scenario.labels, "framework": "django"}
    assert scenario.matches(labels)
    assert not scenario.matches({**labels, "service": "shop"})
    assert not scenario.matches({**labels, "severity": "warning"})
