"""The durable list of deployments: one small SQLite file, beside that of the incident log."""

from pathlib import Path
from threading import Lock
from typing import Final

from ai_monitoring.deployments.deployment import Deployment, Outcome
from ai_monitoring.sqlite_files import opened

KEPT: Final = 10_000
"""The latest so many are kept: thirty a day for most of a year."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS deployments (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    service TEXT NOT NULL,
    version TEXT NOT NULL,
    status TEXT NOT NULL
);
"""


class DeploymentLog:
    """Deployments in the SQLite file `path`, from any thread. What `add` has returned from is on the disk.

    Methods raise sqlite3.Error where the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._lock = Lock()
        self._connection = opened(path, _SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def add(self, deployment: Deployment) -> None:
        values = (deployment.at, deployment.service, deployment.version, deployment.status)
        with self._lock:
            self._connection.execute(
                "INSERT INTO deployments (at, service, version, status) VALUES (?, ?, ?, ?)", values
            )
            self._connection.execute(
                "DELETE FROM deployments WHERE id <= (SELECT max(id) FROM deployments) - ?", [KEPT]
            )

    def latest(self, limit: int, service: str | None = None, since: float = 0.0) -> list[Deployment]:
        """At most `limit`, latest first; of one service, and from `since` on, seconds since 1970."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT service, version, status, at FROM deployments WHERE at >= ? AND (? IS NULL OR service = ?)"
                " ORDER BY at DESC, id DESC LIMIT ?",
                (since, service, service, limit),
            ).fetchall()
        return [
            Deployment(service=name, version=version, status=Outcome(status), at=at)
            for name, version, status, at in rows
        ]
