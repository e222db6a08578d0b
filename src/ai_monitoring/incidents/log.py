"""The incident log: a durable record of every alert, from its first message to its end.

One SQLite file, written with full synchronisation: what was answered to Alertmanager is on the disk.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from ai_monitoring.incidents.alert import Alert
from ai_monitoring.incidents.incident import Event, Incident, Kind, Status
from ai_monitoring.sqlite_files import opened, transaction

_SCHEMA = """
CREATE TABLE IF NOT EXISTS incidents (
    id INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    started_at REAL NOT NULL,
    alert TEXT NOT NULL,
    severity TEXT NOT NULL,
    service TEXT NOT NULL,
    labels TEXT NOT NULL,
    annotations TEXT NOT NULL,
    opened_at REAL NOT NULL,
    seen_at REAL NOT NULL,
    acknowledged_at REAL,
    acknowledged_by TEXT NOT NULL DEFAULT '',
    resolved_at REAL,
    lapsed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (fingerprint, started_at)
);
CREATE INDEX IF NOT EXISTS incidents_open ON incidents (fingerprint) WHERE resolved_at IS NULL;
CREATE INDEX IF NOT EXISTS incidents_started ON incidents (started_at);
CREATE TABLE IF NOT EXISTS events (
    incident INTEGER NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    by TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS events_incident ON events (incident);
-- Repeated messages, and those of a second Alertmanager, tell nothing new.
CREATE UNIQUE INDEX IF NOT EXISTS events_once ON events (incident, kind, by)
WHERE kind NOT IN ('note', 'reopened', 'resolved');
"""
_COLUMNS = (
    "id, fingerprint, started_at, alert, severity, service, labels, annotations, opened_at, acknowledged_at, "
    "acknowledged_by, resolved_at"
)
_OF_STATUS = {
    Status.OPEN: "resolved_at IS NULL AND acknowledged_at IS NULL",
    Status.ACKNOWLEDGED: "resolved_at IS NULL AND acknowledged_at IS NOT NULL",
    Status.RESOLVED: "resolved_at IS NOT NULL",
}
_HIGHEST = 2**63 - 1
"""Number that SQLite knows."""
UNHEARD = "Alertmanager does not report it any more"
NEWER = "it began anew; its end was not reported"


class UnknownIncidentError(LookupError):
    """There is no incident of that number or fingerprint."""


class AlreadyOverError(ValueError):
    """The incident is resolved: there is nothing to acknowledge."""


class IncidentLog:
    """Incidents in the SQLite file `path`, whose folder is made for its owner alone. Use it from any thread.

    An incident is one by fingerprint and start, however often and by how many Alertmanagers it is told. Methods that
    change something return what was new, and raise sqlite3.Error when it could not be written.
    """

    def __init__(self, path: Path) -> None:
        self._lock = RLock()
        self._connection = opened(path, _SCHEMA, "journal_mode=WAL", "foreign_keys=ON")

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def receive(self, alert: Alert, now: float | None = None) -> list[tuple[Incident, Event]]:
        """Take an alert in: the incidents that it opened, ended or reopened, each with its event."""
        now = time.time() if now is None else now
        with self._transaction():
            known = self._find("fingerprint = ? AND started_at = ?", alert.fingerprint, alert.started_at)
            return self._open(alert, now) if known is None else self._go_on(known, alert, now)

    def notified(self, alert: Alert, channel: str, now: float | None = None) -> list[tuple[Incident, Event]]:
        """A message about the alert went to `channel`. An incident not known yet is opened: messages may overtake."""
        now = time.time() if now is None else now
        with self._transaction():
            changes = self.receive(alert, now)
            known = self._find("fingerprint = ? AND started_at = ?", alert.fingerprint, alert.started_at)
            if known is None:
                return changes
            kind = Kind.NOTIFIED if alert.status == "firing" else Kind.END_NOTIFIED
            return [*changes, *self._happened(known.id, Event(now, kind, channel))]

    def acknowledge(
        self, number: int, by: str, note: str = "", now: float | None = None
    ) -> list[tuple[Incident, Event]]:
        """Somebody takes care of it. Raises UnknownIncidentError, and AlreadyOverError for one that is resolved."""
        now = time.time() if now is None else now
        with self._transaction():
            incident = self.incident(number)
            if incident.status is Status.RESOLVED:
                raise AlreadyOverError(f"incident {number} is resolved already")
            if incident.status is Status.ACKNOWLEDGED:
                return self.note(number, by, note, now) if note else []
            self._update(number, acknowledged_at=now, acknowledged_by=by)
            return self._happened(number, Event(now, Kind.ACKNOWLEDGED, by, note))

    def note(self, number: int, by: str, text: str, now: float | None = None) -> list[tuple[Incident, Event]]:
        """Somebody has something to say of it. Raises UnknownIncidentError."""
        with self._transaction():
            return self._happened(self.incident(number).id, Event(now or time.time(), Kind.NOTE, by, text))

    def escalated(self, number: int, to: str, now: float | None = None) -> list[tuple[Incident, Event]]:
        """It was passed on to the address `to`. Raises UnknownIncidentError."""
        with self._transaction():
            return self._happened(self.incident(number).id, Event(now or time.time(), Kind.ESCALATED, to))

    def still_fire(self, alerts: Sequence[Alert], now: float | None = None) -> list[tuple[Incident, Event]]:
        """Take in what Alertmanager has, all or none of it."""
        with self._transaction():
            return [change for alert in alerts for change in self.receive(alert, now)]

    def lapse(self, before: float, now: float | None = None) -> list[tuple[Incident, Event]]:
        """End what Alertmanager has not mentioned since `before`: the message of its end was lost."""
        now = time.time() if now is None else now
        changes = []
        with self._transaction():
            for incident in self._select("resolved_at IS NULL AND seen_at < ?", [before]):
                changes += self._resolve(incident.id, now, now, UNHEARD)
        return changes

    def forget(self, before: float) -> int:
        """Delete what ended before that moment; how many incidents those were."""
        with self._transaction():
            return self._connection.execute("DELETE FROM incidents WHERE resolved_at < ?", [before]).rowcount

    def incident(self, number: int) -> Incident:
        """The incident of that number with its events. Raises UnknownIncidentError."""
        found = self._find("id = ?", number) if number <= _HIGHEST else None
        if found is None:
            raise UnknownIncidentError(f"there is no incident {number}")
        return found

    def incidents(
        self,
        *,
        status: Sequence[Status] = (),
        severity: str | None = None,
        service: str | None = None,
        alert: str | None = None,
        fingerprint: str | None = None,
        since: float | None = None,
        until: float | None = None,
        limit: int = 1000,
    ) -> list[Incident]:
        """Those that match all that is given, latest first. `since` and `until`: in force at any time between them."""
        conditions: list[str] = ["1"]
        values: list[str | float] = []
        if status:
            conditions.append(" OR ".join(f"({_OF_STATUS[one]})" for one in status))
        texts = {"severity": severity, "service": service, "alert": alert, "fingerprint": fingerprint}
        for column, value in texts.items():
            if value is not None:
                conditions.append(f"{column} = ?")
                values.append(value)
        if since is not None:
            conditions.append("(resolved_at IS NULL OR resolved_at >= ?)")
            values.append(since)
        if until is not None:
            conditions.append("started_at < ?")
            values.append(until)
        where = " AND ".join(f"({condition})" for condition in conditions)
        return self._select(f"{where} ORDER BY started_at DESC, id DESC LIMIT ?", [*values, limit])

    def unresolved(self) -> dict[tuple[str, Status], int]:
        """How many are not over, by severity and status."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT severity, acknowledged_at IS NULL, count(*) FROM incidents"
                " WHERE resolved_at IS NULL GROUP BY 1, 2"
            ).fetchall()
        return {(severity, Status.OPEN if is_open else Status.ACKNOWLEDGED): count for severity, is_open, count in rows}

    def _open(self, alert: Alert, now: float) -> list[tuple[Incident, Event]]:
        changes = []
        for older in self._select(
            "fingerprint = ? AND resolved_at IS NULL AND started_at < ?", [alert.fingerprint, alert.started_at]
        ):
            changes += self._resolve(older.id, alert.started_at, now, NEWER)
        self._connection.execute(
            "INSERT INTO incidents (fingerprint, started_at, alert, severity, service, labels, annotations, opened_at,"
            " seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                alert.fingerprint,
                alert.started_at,
                alert.name,
                alert.severity,
                alert.service,
                json.dumps(dict(alert.labels)),
                json.dumps(dict(alert.annotations)),
                now,
                now,
            ],
        )
        (number,) = self._connection.execute("SELECT last_insert_rowid()").fetchone()
        changes += self._happened(number, Event(now, Kind.OPENED))
        if alert.ended_at is not None:
            changes += self._resolve(number, alert.ended_at, now)
        return changes

    def _go_on(self, known: Incident, alert: Alert, now: float) -> list[tuple[Incident, Event]]:
        """A late message of one that is over changes nothing, unless its end was only assumed."""
        (lapsed,) = self._connection.execute("SELECT lapsed FROM incidents WHERE id = ?", [known.id]).fetchone()
        if alert.ended_at is not None:
            return self._resolve(known.id, alert.ended_at, now) if known.resolved_at is None else []
        self._update(known.id, seen_at=now, annotations=json.dumps(dict(alert.annotations)))
        if not lapsed:
            return []
        self._update(known.id, resolved_at=None, lapsed=0)
        return self._happened(known.id, Event(now, Kind.REOPENED))

    def _resolve(self, number: int, at: float, now: float, why: str = "") -> list[tuple[Incident, Event]]:
        self._update(number, resolved_at=at, lapsed=int(why == UNHEARD))
        return self._happened(number, Event(now, Kind.RESOLVED, text=why))

    def _happened(self, number: int, event: Event) -> list[tuple[Incident, Event]]:
        """The incident and the event; nothing where the log has it already."""
        added = self._connection.execute(
            "INSERT OR IGNORE INTO events (incident, at, kind, by, text) VALUES (?, ?, ?, ?, ?)",
            [number, event.at, event.kind, event.by, event.text],
        ).rowcount
        return [(self.incident(number), event)] if added else []

    def _update(self, number: int, **values: Any) -> None:
        columns = ", ".join(f"{name} = ?" for name in values)
        self._connection.execute(
            f"UPDATE incidents SET {columns} WHERE id = ?",  # noqa: S608 - names of this file alone
            [*values.values(), number],
        )

    def _find(self, condition: str, *values: Any) -> Incident | None:
        return next(iter(self._select(condition, values)), None)

    def _select(self, condition: str, values: Sequence[Any]) -> list[Incident]:
        with self._lock:
            rows = self._connection.execute(
                f"SELECT {_COLUMNS} FROM incidents WHERE {condition}",  # noqa: S608 - names of this file alone
                values,
            ).fetchall()
            return [self._incident(row) for row in rows]

    def _incident(self, row: tuple[Any, ...]) -> Incident:
        names = _COLUMNS.replace(",", "").split()
        content = dict(zip(names, row, strict=True))
        events = self._connection.execute(
            "SELECT at, kind, by, text FROM events WHERE incident = ? ORDER BY at, rowid", [content["id"]]
        )
        return Incident(
            **{
                **content,
                "labels": json.loads(content["labels"]),
                "annotations": json.loads(content["annotations"]),
                "events": tuple(Event(at, Kind(kind), by, text) for at, kind, by, text in events),
            }
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing; inside another one, part of it."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            with transaction(self._connection):
                yield
