"""Deletes incidents that ended long ago."""

import json
from pathlib import Path

from ai_monitoring.incidents.log import IncidentLog
from ai_monitoring.incidents.schedule import DAY


class Retention:
    """Keeps what the log has for INCIDENTS_RETENTION_DAYS of `settings`, a JSON file that is read each time."""

    def __init__(self, log: IncidentLog, settings: Path) -> None:
        self._log, self._settings = log, settings

    def run(self, now: float) -> None:
        """Delete what ended too long before `now`, seconds since 1970. Raises OSError, ValueError, LookupError or
        sqlite3.Error: try again.
        """
        configured = json.loads(self._settings.read_text(encoding="utf-8"))
        self._log.forget(now - float(configured["INCIDENTS_RETENTION_DAYS"]) * DAY)
