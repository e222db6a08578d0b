"""Addresses for a person to go on from: the runbook of an alert, the panel that shows it, an incident's page."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote_plus

from ai_monitoring.incidents.incident import Incident

_OURS = re.compile(r"docs/runbooks/[A-Za-z0-9_/-]+[.]md")
_ANY_PANEL = "overview?"


@dataclass(frozen=True, slots=True)
class Links:
    """The beginnings of addresses, as stack/links.py finds them. `pages`: a runbook is a page, not a file. `panels`: of
    each kind of alert what its name or its runbook matches (`alertname` or `runbook`, a pattern), and its panel. What
    is empty leads nowhere.
    """

    incidents: str = "/incidents/"
    dashboards: str = ""
    runbooks: str = ""
    pages: bool = False
    panels: Sequence[tuple[str, str, str]] = ()
    silences: str = ""

    @classmethod
    def read(cls, configured: Mapping[str, Any]) -> Self:
        """From what stack/incident_settings.py writes."""
        return cls(**configured["LINKS"])

    def incident(self, incident: Incident) -> str:
        """Its page, pages.py."""
        return f"{self.incidents}{incident.id}"

    def runbook(self, incident: Incident) -> str:
        """The address of its runbook; where the rule names something else, that."""
        named = incident.annotations.get("runbook", "")
        if not self.runbooks or not _OURS.fullmatch(named):
            return named
        return self.runbooks + (named.removeprefix("docs/").removesuffix(".md") if self.pages else named)

    @property
    def board(self) -> str:
        """The dashboard of incidents."""
        return f"{self.dashboards}incidents" if self.dashboards else ""

    def silence(self, incident: Incident) -> str:
        """Alertmanager's page to silence it; empty where it has none."""
        wanted = {"alertname": incident.alert, "service": incident.service}
        matchers = ",".join(f"{name}={json.dumps(value)}" for name, value in wanted.items() if value)
        return f"{self.silences}{quote_plus(f'{{{matchers}}}')}" if self.silences else ""

    def panel(self, incident: Incident) -> str:
        """The panel that shows what it is about; empty where templates tell none."""
        if not self.dashboards:
            return ""
        known = {"alertname": incident.alert, "runbook": incident.annotations.get("runbook", "")}
        found = (panel for of, pattern, panel in self.panels if re.search(pattern, known[of]))
        service = f"&var-service={quote_plus(incident.service)}" if incident.service else ""
        return f"{self.dashboards}{next(found, _ANY_PANEL)}{service}"
