"""What the watch says of an alert: Prometheus of its rule and state, the incident log of its messages."""

from collections.abc import Mapping
from typing import Any

from ai_monitoring.incidents.alert import seconds
from ai_monitoring.simulate.scenarios import Scenario
from ai_monitoring.stack import http
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.rendering import HOST


class Watch:
    """Prometheus and the incident log at the ports that `.env` gives. All of it may raise OSError and ValueError."""

    def __init__(self, ports: Mapping[str, int]) -> None:
        self._prometheus = f"http://{HOST}:{ports['PROMETHEUS_PORT']}/api/v1"
        self._incidents = f"http://{HOST}:{ports['INCIDENTS_PORT']}/api/incidents"

    def wait(self, scenario: Scenario) -> float:
        """The rule's `for`, in seconds. Raises StackError where Prometheus has no such rule."""
        groups = http.get_json(f"{self._prometheus}/rules", type="alert")["data"]["groups"]
        for rule in (rule for group in groups for rule in group["rules"]):
            if rule["name"] == scenario.alert and rule["labels"].get("severity") == scenario.severity:
                return float(rule["duration"])
        raise StackError(
            f"Prometheus has no rule {scenario.alert} ({scenario.severity}).",
            "Put it back into prometheus/rules, and start again.",
        )

    def alert(self, scenario: Scenario) -> dict[str, Any] | None:
        """The alert while its expression is true, as Prometheus has it: the one that is furthest."""
        alerts = http.get_json(f"{self._prometheus}/alerts")["data"]["alerts"]
        found = [alert for alert in alerts if scenario.matches(alert["labels"])]
        return min(found, key=lambda alert: (alert["state"] != "firing", alert["activeAt"]), default=None)

    def incident(self, scenario: Scenario, since: float) -> dict[str, Any] | None:
        """The incident that began since then (seconds since 1970), as its log has it."""
        answer = http.get_json(self._incidents, alert=scenario.alert, severity=scenario.severity)
        found = [one for one in answer["incidents"] if scenario.matches(one["labels"])]
        began = [one for one in found if seconds(one["started_at"]) >= since]
        return min(began, key=lambda one: seconds(one["started_at"]), default=None)
