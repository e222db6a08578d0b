"""An alert as Alertmanager's webhook delivers it, version 4.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

STATUSES = ("firing", "resolved")
_MILLISECONDS = re.compile(r"(\.\d{3})\d+")
"""All that Alertmanager's API tells, while its webhook tells nanoseconds: what both tell is one alert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert. `started_at` and `ended_at` are seconds since 1970; an alert that lasts has no end."""

    status: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    fingerprint: str
    started_at: float
    ended_at: float | None = None

    @property
    def name(self) -> str:
        return self.labels.get("alertname", "")

    @property
    def severity(self) -> str:
        return self.labels.get("severity", "")

    @property
    def service(self) -> str:
        return self.labels.get("service", "")

    @property
    def is_sign_of_life(self) -> bool:
        """Whether this is the dead man's switch, which always fires and is no incident."""
        return self.severity == "none"

    @classmethod
    def read(cls, content: Any) -> Self:
        """Raises ValueError for anything that is no alert."""
        if not isinstance(content, dict) or content.get("status") not in STATUSES:
            raise ValueError("an alert has a status, firing or resolved")
        labels, annotations = _texts(content.get("labels")), _texts(content.get("annotations") or {})
        fingerprint = content.get("fingerprint")
        if not isinstance(fingerprint, str) or not fingerprint:
            raise ValueError("an alert has a fingerprint")
        started = seconds(content.get("startsAt"))
        resolved = content["status"] == "resolved"
        ended = max(seconds(content.get("endsAt")), started) if resolved else None
        return cls(
            status=content["status"],
            labels=labels,
            annotations=annotations,
            fingerprint=fingerprint,
            started_at=started,
            ended_at=ended,
        )


def read_webhook(body: bytes) -> list[Alert]:
    """The alerts of a webhook's body. Raises ValueError for anything else."""
    try:
        content = json.loads(body)
    except RecursionError as error:
        raise ValueError("the body is nested too deeply") from error
    if not isinstance(content, dict) or not isinstance(content.get("alerts"), list):
        raise ValueError("this is not Alertmanager's webhook: there is no list of alerts")
    return [Alert.read(alert) for alert in content["alerts"]]


def seconds(text: Any) -> float:
    """RFC 3339 as Go writes it, to the millisecond, in seconds since 1970. Raises ValueError for anything else."""
    try:
        time = datetime.fromisoformat(_MILLISECONDS.sub(r"\1", text))
        return time.timestamp()
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} is no time such as 2026-11-20T18:00:12.345Z") from error


def iso(time: float) -> str:
    """Seconds since 1970 as a person and a program read them: 2026-11-20T18:00:12.345+00:00."""
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds")


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise ValueError("an alert has labels and annotations, texts all of them")
    return value
