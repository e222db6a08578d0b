"""Events for an audit log of a test."""

import time

from ai_monitoring.compliance.audit import Event, new_id

ADA = "subject-ada"


def events(count: int, subject: str = ADA, at: int | None = None) -> list[Event]:
    """Requests that were assessed, now or `at` (microseconds since 1970)."""
    moment = time.time_ns() // 1000 if at is None else at
    return [Event(new_id(), moment, "assessed", subject, {"request_id": f"req-{n}"}) for n in range(count)]
