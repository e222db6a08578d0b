"""What lies in the folder of compliance: audit log, consents, erasures and the key of pseudonyms."""

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ai_monitoring.compliance.audit import AuditLog, Event, new_id
from ai_monitoring.compliance.consent import ConsentLedger, Standing
from ai_monitoring.compliance.erasures import Erasures
from ai_monitoring.compliance.kinds import LegalBasis
from ai_monitoring.compliance.pseudonym import Pseudonyms


@dataclass(frozen=True, slots=True)
class Stores:
    """Open for the life of a process."""

    folder: Path
    log: AuditLog
    consent: ConsentLedger
    erasures: Erasures
    pseudonyms: Pseudonyms

    @classmethod
    def open(cls, folder: Path, anchor: Path | None = None) -> Self:
        """All that is in `folder`, made on first use. Raises OSError, sqlite3.Error, and ValueError for a key
        that is none, or another one than before."""
        stores = cls(
            folder, AuditLog(folder, anchor), ConsentLedger(folder), Erasures(folder), Pseudonyms.of_folder(folder)
        )
        try:
            stores.log.keyring.identifier("")
            stores.log.database.read("SELECT 1 FROM entry LIMIT 1")
            stores.erasures.pending()
            stores.consent.standing("", "")
        except (OSError, sqlite3.Error):
            stores.close()
            raise
        return stores

    def grant(self, subject: str, purpose: str, source: str, basis: LegalBasis = LegalBasis.CONSENT) -> Standing:
        """As ConsentLedger, and noted in the audit log."""
        return self._noted("consent_granted", subject, self.consent.grant(subject, purpose, source, basis))

    def withdraw(self, subject: str, purpose: str, source: str) -> Standing:
        """As ConsentLedger, and noted in the audit log."""
        return self._noted("consent_withdrawn", subject, self.consent.withdraw(subject, purpose, source))

    def _noted(self, action: str, subject: str, line: Standing) -> Standing:
        self.log.append([Event(new_id(), time.time_ns() // 1000, action, subject, line.as_json())])
        return line

    def close(self) -> None:
        self.log.close()
        self.consent.close()
        self.erasures.close()
