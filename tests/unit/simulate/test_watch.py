"""What a rehearsal asks Prometheus and the incident log, and what it makes of their answers."""

from typing import Any

import pytest

from ai_monitoring.incidents.alert import seconds
from ai_monitoring.simulate.scenarios import SCENARIOS
from ai_monitoring.simulate.watch import Watch
from ai_monitoring.stack import http
from ai_monitoring.stack.errors import StackError

SLOW = next(scenario for scenario in SCENARIOS if scenario.name == "django-slow")
LABELS = {"alertname": "DjangoSlow", "severity": "critical", "service": "django", "framework": "django"}
NOON = "2026-11-27T12:00:00Z"


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What each address answers, by the end of its path."""
    found: dict[str, Any] = {}
    monkeypatch.setattr(http, "get_json", lambda url, **_: found[url.rpartition("/")[2]])
    return found


@pytest.fixture
def watch() -> Watch:
    return Watch({"PROMETHEUS_PORT": 1, "INCIDENTS_PORT": 2})


def rules(*severities: str) -> dict[str, Any]:
    found = [{"name": "DjangoSlow", "labels": {"severity": one}, "duration": 120} for one in severities]
    return {"data": {"groups": [{"rules": []}, {"rules": found}]}}


def alerts(*states: tuple[str, str], **labels: str) -> dict[str, Any]:
    found = [{"labels": LABELS | labels, "state": state, "activeAt": since} for state, since in states]
    return {"data": {"alerts": found}}


def test_the_wait_is_that_of_the_rule_of_that_severity(answers: dict[str, Any], watch: Watch) -> None:
    answers["rules"] = rules("warning", "critical")
    assert watch.wait(SLOW) == 120.0


def test_a_rule_that_is_gone_is_named(answers: dict[str, Any], watch: Watch) -> None:
    answers["rules"] = rules("warning")
    with pytest.raises(StackError, match=r"Prometheus has no rule DjangoSlow \(critical\)"):
        watch.wait(SLOW)


def test_of_several_alerts_the_one_that_is_furthest_counts(answers: dict[str, Any], watch: Watch) -> None:
    answers["alerts"] = alerts(
        ("pending", "2026-11-27T11:00:00Z"), ("firing", "2026-11-27T11:59:00Z"), ("firing", NOON)
    )
    found = watch.alert(SLOW)
    assert found
    assert (found["state"], found["activeAt"]) == ("firing", "2026-11-27T11:59:00Z")


def test_the_alert_of_another_service_is_none(answers: dict[str, Any], watch: Watch) -> None:
    answers["alerts"] = alerts(("firing", NOON), service="shop")
    assert watch.alert(SLOW) is None


def test_an_incident_before_the_condition_is_another(answers: dict[str, Any], watch: Watch) -> None:
    def incident(number: int, at: str, **labels: str) -> dict[str, Any]:
        return {"id": number, "labels": LABELS | labels, "started_at": at}

    answers["incidents"] = {
        "incidents": [
            incident(4, "2026-11-27T12:05:00Z"),
            incident(3, "2026-11-27T12:01:00Z"),
            incident(2, "2026-11-27T12:00:30Z", service="shop"),
            incident(1, "2026-11-27T11:00:00Z"),
        ]
    }
    found = watch.incident(SLOW, seconds(NOON))
    assert found
    assert found["id"] == 3
    assert watch.incident(SLOW, seconds("2026-11-27T13:00:00Z")) is None
