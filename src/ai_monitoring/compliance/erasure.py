"""The right to erasure (GDPR Article 17): a subject's key, consents and log lines go, and a receipt says so."""

import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from ai_monitoring.compliance.audit import house_event
from ai_monitoring.compliance.erasures import COMPLETE, PARTIAL
from ai_monitoring.compliance.logs import Logs, LogsError
from ai_monitoring.compliance.private import replace
from ai_monitoring.compliance.settings import ComplianceSettings
from ai_monitoring.compliance.stores import Stores

ATTEMPTS: Final = 3
FOLDER: Final = "receipts"
HOLDS_NOTHING: Final = (
    "metrics: no label holds a user or a pseudonym",
    "alerts and incidents: they are made of metrics",
)
_DAY = 86_400

Receipt = dict[str, Any]


class Erasure:
    """Erases subjects from `stores` and from the log stores `logs`; a step that fails is tried three times."""

    def __init__(self, stores: Stores, settings: ComplianceSettings, logs: Sequence[Logs], pause: float = 0.5) -> None:
        self._stores, self._settings, self._logs, self._pause = stores, settings, logs, pause

    def erase(self, user: str) -> Receipt:
        """Erase one subject, named by the user's name or the pseudonym; again and again, if need be.

        Returns the signed receipt, which also lies in `receipts`: `status` is `complete`, or `partial` where a step
        failed, which the receipt names; the subject is pending then. Raises sqlite3.Error and OSError where not even
        that can be noted.
        """
        subject = self._stores.pseudonyms.of(user)
        self._stores.erasures.begin(subject)
        gone: list[dict[str, Any]] = []
        failed: list[dict[str, str]] = []
        for what, step in self._steps(subject):
            try:
                gone.append({"what": what, **self._tried(step)})
            except (LogsError, OSError, sqlite3.Error) as error:
                failed.append({"what": what, "why": str(error)})
        return self._receipt(subject, gone, failed)

    def retry(self) -> list[Receipt]:
        """Erase whoever is pending."""
        return [self.erase(subject) for subject in self._stores.erasures.pending()]

    def _steps(self, subject: str) -> Iterator[tuple[str, Callable[[], dict[str, Any]]]]:
        yield "key of the audit entries", lambda: {"count": self._stores.log.keyring.destroy(subject)}
        yield "consents", self._consents(subject)
        for logs in self._logs:
            yield f"log lines in {logs.address}", lambda logs=logs: self._lines(logs, subject)  # type: ignore[misc]

    def _consents(self, subject: str) -> Callable[[], dict[str, Any]]:
        """What the first try deletes counts, though only a later one may overwrite the last copy."""
        counts = []

        def step() -> dict[str, Any]:
            counts.append(self._stores.consent.forget(subject))
            self._stores.consent.forget_copies()
            return {"count": sum(counts)}

        return step

    def _lines(self, logs: Logs, subject: str) -> dict[str, Any]:
        hidden, deleted = logs.delete(subject)
        return {"hidden": _time(hidden), "deleted": _time(deleted)}

    def _tried(self, step: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        for attempt in range(1, ATTEMPTS):
            try:
                return step()
            except (LogsError, OSError, sqlite3.Error):
                time.sleep(self._pause * attempt)
        return step()

    def _receipt(self, subject: str, gone: list[dict[str, Any]], failed: list[dict[str, str]]) -> Receipt:
        identifier = secrets.token_hex(8)
        status = PARTIAL if failed else COMPLETE
        receipt = self._stores.log.signer.signed(
            {
                "kind": "erasure",
                "id": identifier,
                "subject": subject,
                "at": _time(time.time()),
                "status": status,
                "gone": gone,
                "failed": failed,
                "expires": self._expires(),
                "holds_nothing": list(HOLDS_NOTHING),
            }
        )
        self._stores.log.append([house_event("erased", {"receipt": identifier, "status": status})])
        replace(self._stores.folder / FOLDER / f"{identifier}.json", json.dumps(receipt, indent=2).encode())
        self._stores.erasures.end(subject, status, identifier)
        return receipt

    def _expires(self) -> list[dict[str, str]]:
        """What is not deleted now and goes by itself, with the latest time."""
        now, settings = time.time(), self._settings
        backups = "when yours are rotated: compliance.backup_days is not set"
        if settings.backup_days is not None:
            backups = _time(now + settings.backup_days * _DAY)
        return [
            {"what": "sealed audit entries, which nobody can read", "at": _time(now + settings.retention_days * _DAY)},
            {"what": "traces, which should not name a user", "at": _time(now + settings.trace_days * _DAY)},
            {"what": "backups of this folder, with keys and consents", "at": backups},
        ]


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
