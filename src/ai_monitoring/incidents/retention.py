"""Deletes incidents that ended long ago."""

import json
from pathlib import Path

from ai_monitoring.incidents.log import IncidentLog
from ai_monitoring.incidents.schedule import DAY
from ai_monitoring.steady_clock import SteadyClock


class Retention:
    """Keeps what the log has for INCIDENTS_RETENTION_DAYS of `settings`, a JSON file that is read each time; longer
    where `clock` is not to be trusted.
    """

    def __init__(self, log: IncidentLog, settings: Path, clock: SteadyClock) -> None:
        self._log, self._settings, self._clock = log, settings, clock

    def run(self, now: float) -> None:
        """Delete what ended too long before `now`, seconds since 1970. Raises OSError, ValueError, LookupError or
        sqlite3.Error: try again.
        """
        if not self._clock.trusted(now):
            return
        configured = json.loads(self._settings.read_text(encoding="utf-8"))
        self._log.forget(now - float(configured["INCIDENTS_RETENTION_DAYS"]) * DAY)
