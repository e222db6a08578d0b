"""What a verification of the audit log found, kept beside the log and signed."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from ai_monitoring.compliance.audit import AuditLog
from ai_monitoring.compliance.signing import statement_of


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found. `first_broken` is the number of the first entry that is not as it was written, None
    where no entry can be named; `head` is `SEQUENCE:HASH` to note elsewhere; `at` is in Unix seconds.
    """

    intact: bool
    entries: int
    first_broken: int | None
    problem: str
    head: str
    at: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def keep(log: AuditLog, verdict: Verdict) -> None:
    """In place of the last one."""
    kept = json.dumps(log.signer.signed({"kind": "verdict", **verdict.as_json()}))
    with log.database.transaction() as connection:
        connection.execute("INSERT OR REPLACE INTO verdict VALUES (1, ?, ?)", (verdict.at, kept))


def last_verdict(log: AuditLog) -> Verdict | None:
    """What the last verification found, whichever process made it; None where that does not bear our signature."""
    rows = log.database.read("SELECT verdict FROM verdict")
    kept = statement_of(rows[0][0]) if rows else {}
    if kept.get("kind") != "verdict" or not log.signer.holds(kept):
        return None
    return Verdict(**{name: kept[name] for name in Verdict.__slots__})
