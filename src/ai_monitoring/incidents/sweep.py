"""Keeps the incident log in step with what Alertmanager has, of which it does not tell all."""

import json
import logging
from pathlib import Path

from ai_monitoring.incidents import alertmanager
from ai_monitoring.incidents.desk import Desk

logger = logging.getLogger("ai_monitoring.incidents")


class Sweep:
    """Sweeps `desk`. `settings`: a JSON file of the launcher's settings, read each time; without it nobody is asked,
    and what does not come in is over.
    """

    def __init__(self, desk: Desk, settings: Path | None) -> None:
        self._desk, self._settings = desk, settings

    def run(self, now: float) -> None:
        """Take in what fires at `now`, seconds since 1970, and end what does not any more; nothing ends while
        Alertmanager does not answer. Raises OSError, ValueError, LookupError or sqlite3.Error: try again.
        """
        if self._settings is None:
            self._desk.sweep([], now)
            return
        configured = json.loads(self._settings.read_text(encoding="utf-8"))
        try:
            firing = alertmanager.firing(configured["ALERTMANAGER"])
        except (OSError, ValueError) as error:
            logger.warning("Alertmanager does not say what fires: %s", error)
            return
        self._desk.sweep(firing, now)
