"""What is told of an alert."""

from collections.abc import Mapping
from dataclasses import dataclass

SEVERITIES = ("critical", "warning", "info", "none")
"""From the worst down."""
_KINDS = {"critical": "critical", "warning": "warning"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert from `begin` to `end`, seconds since 1970; `end` is None while it fires.

    `state` is `firing`, `silenced`, `inhibited` or `resolved`; `runbook` an address, empty without one.
    """

    name: str
    labels: Mapping[str, str]
    begin: float
    end: float | None = None
    state: str = "firing"
    runbook: str = ""
    summary: str = ""
    description: str = ""
    first_step: str = ""

    @property
    def severity(self) -> str:
        return self.labels.get("severity", "none")

    @property
    def service(self) -> str:
        return self.labels.get("service", "")

    @property
    def kind(self) -> str:
        """The colour and shape that it is shown with."""
        return _KINDS.get(self.severity, "accent")

    @property
    def heard(self) -> bool:
        """Whether somebody is told of it now. Severity none is for the Watchdog, which always fires."""
        return self.state == "firing" and self.severity != "none"

    @property
    def details(self) -> list[tuple[str, str]]:
        """The labels that no column shows."""
        return sorted(
            (name, value) for name, value in self.labels.items() if name not in ("alertname", "severity", "service")
        )


def rank(alert: Alert) -> tuple[int, float]:
    """Sorts the worst first, then the newest."""
    severity = alert.severity
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES), -alert.begin
