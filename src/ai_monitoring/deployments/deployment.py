"""One deployment of a service, as whoever deploys tells it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ai_monitoring.incidents.alert import iso

EVERY_SERVICE = "all"
"""The service of a deployment that names none."""
_LONGEST = 100


class Outcome(StrEnum):
    STARTED = "started"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """`at` in seconds since 1970. Raises ValueError for a service or version that no dashboard could show."""

    service: str
    version: str
    status: Outcome
    at: float

    def __post_init__(self) -> None:
        for name, text in (("version", self.version), ("service", self.service)):
            if not (0 < len(text) <= _LONGEST and text.isprintable() and not text.isspace()):
                raise ValueError(f"{name} {text[:_LONGEST]!r} is no text of 1 to {_LONGEST} printable characters")

    def as_json(self) -> dict[str, Any]:
        """As the API tells it, the time as text."""
        return {"service": self.service, "version": self.version, "status": self.status, "at": iso(self.at)}


def outcome(text: str) -> Outcome:
    """Raises ValueError that names what there is."""
    try:
        return Outcome(text)
    except ValueError:
        raise ValueError(f"status {text[:_LONGEST]!r} is none of {', '.join(Outcome)}") from None
