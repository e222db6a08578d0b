"""Sends digests when they are due: once each, after a restart too, and again while the mail server refuses.

Exactly once as far as e-mail allows: a process killed between the server's answer and the note of it sends again.
"""

import json
import logging
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.incidents import digest_mail
from ai_monitoring.incidents.alert import iso
from ai_monitoring.incidents.digest import Digest
from ai_monitoring.incidents.links import Links
from ai_monitoring.incidents.log import IncidentLog
from ai_monitoring.incidents.schedule import DAY, Period, Schedule
from ai_monitoring.metrics.instrument import instrument
from ai_monitoring.outbox import smtp
from ai_monitoring.stack.errors import StackError

logger = logging.getLogger("ai_monitoring.incidents")

FIRST_RETRY, LAST_RETRY = 60.0, 3600.0
"""Seconds between two tries: doubled from the first to the last, and given up when the next digest is due."""
OUTCOMES = ("sent", "empty", "failed")
_DAYS = {Period.DAILY: 1, Period.WEEKLY: 7}

_SCHEMA = "CREATE TABLE IF NOT EXISTS digests (period TEXT PRIMARY KEY, until REAL NOT NULL)"

Send = Callable[[Mapping[str, str], EmailMessage], str]


class Digests:
    """Digests of `log`, whose file `database` also keeps until when each period has been told. `settings` is a JSON
    file of the launcher's settings, read each time; without SMTP_HOST in it nothing is sent. Let one thread `run` it.
    """

    def __init__(
        self,
        log: IncidentLog,
        database: Path,
        settings: Path,
        send: Send = smtp.send,
        registry: CollectorRegistry = REGISTRY,
    ) -> None:
        self._log, self._database, self._settings, self._send = log, database, settings, send
        self._counted = instrument("ai_monitoring_digests_total", registry)
        self._tries: dict[Period, tuple[float, float]] = {}
        for period in Period:
            for outcome in OUTCOMES:
                self._counted[period, outcome].inc(0)
        with closing(self._connect()) as connection:
            connection.execute(_SCHEMA)

    def run(self, now: float) -> None:
        """Send what is due at `now`, seconds since 1970. Raises OSError, ValueError or sqlite3.Error: try again."""
        configured = json.loads(self._settings.read_text(encoding="utf-8"))
        if "SMTP_HOST" not in configured:
            return
        schedule = Schedule.read(configured)
        for period in Period:
            self._run(period, schedule, configured, now)

    def preview(self, period: Period, now: float) -> dict[str, Any]:
        """The digest as it would be sent at `now`, with all since the last one; before the first, of a day or a week.

        `sent` tells whether it would be. Raises OSError, ValueError, LookupError or sqlite3.Error.
        """
        configured = json.loads(self._settings.read_text(encoding="utf-8"))
        told = self._told(period)
        start = now - _DAYS[period] * DAY if told is None else told
        digest = self._digest(period, Schedule.read(configured), start, now)
        return {
            "period": period,
            "from": iso(digest.start),
            "until": iso(digest.end),
            "sent": digest.is_sent,
            "subject": digest_mail.subject(digest),
            "text": digest_mail.text(digest, Links.read(configured)),
        }

    def _run(self, period: Period, schedule: Schedule, configured: Mapping[str, str], now: float) -> None:
        due, told = schedule.latest(period, now), self._told(period)
        if told is None:
            # The first start: what was before is nobody's news.
            self._note(period, due)
        elif told < due and now >= self._tries.get(period, (0.0, 0.0))[0]:
            digest = self._digest(period, schedule, told, due)
            self._try(digest, configured, now)

    def _try(self, digest: Digest, configured: Mapping[str, str], now: float) -> None:
        outcome = "sent" if digest.is_sent else "empty"
        try:
            if digest.is_sent:
                self._send(configured, digest_mail.message(digest, Links.read(configured)))
        except StackError as error:
            self._put_off(digest.period, error, now)
            return
        self._tries.pop(digest.period, None)
        self._note(digest.period, digest.end)
        self._counted[digest.period, outcome].inc()
        logger.info("Digest %s: %s", outcome, digest.period, extra={"event": "digest", "period": digest.period.value})

    def _put_off(self, period: Period, error: StackError, now: float) -> None:
        wait = min(self._tries.get(period, (0.0, FIRST_RETRY / 2))[1] * 2, LAST_RETRY)
        self._tries[period] = (now + wait, wait)
        self._counted[period, "failed"].inc()
        logger.error("The %s digest could not be sent: %s %s", period, error.problem, error.remedy)

    def _digest(self, period: Period, schedule: Schedule, start: float, end: float) -> Digest:
        incidents = self._log.incidents(since=start, until=end, limit=-1)
        return Digest(period=period, start=start, end=end, zone=schedule.zone, incidents=incidents)

    def _told(self, period: Period) -> float | None:
        with closing(self._connect()) as connection:
            row = connection.execute("SELECT until FROM digests WHERE period = ?", [period]).fetchone()
        return None if row is None else float(row[0])

    def _note(self, period: Period, until: float) -> None:
        with closing(self._connect()) as connection, connection:
            connection.execute("INSERT OR REPLACE INTO digests (period, until) VALUES (?, ?)", [period, until])

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._database, timeout=10)
