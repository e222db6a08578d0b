"""What is not taken, and how the sender is told."""

from collections import Counter
from dataclasses import dataclass, field

_SHOWN = 10


class Refused(Exception):  # noqa: N818 - what happened, as in host_link
    """A request of which nothing is taken: its HTTP status, what the sender reads, and what it is counted as.

    No `reason` where it has been counted already, or is nobody's concern.
    """

    def __init__(self, status: int, text: str, reason: str = "malformed", retry_after: int | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.reason = reason
        self.retry_after = retry_after


def check_count(records: int, limit: int) -> None:
    """Raises Refused for a request with more lines or spans than `limit`."""
    if records > limit:
        text = f"the request has more lines or spans than the limit of {limit}: send smaller batches"
        raise Refused(413, text, "body_too_large")


@dataclass(slots=True)
class Rejections:
    """The lines or spans of a request that were not taken while others were."""

    status: int = 400
    reasons: Counter[str] = field(default_factory=Counter)
    _texts: Counter[str] = field(default_factory=Counter)
    _more: int = 0

    def add(self, reason: str, text: str, count: int = 1) -> None:
        """Each text is told with the number of its lines; beyond ten different ones, only how many more there were."""
        self.reasons[reason] += count
        if text in self._texts or len(self._texts) < _SHOWN:
            self._texts[text] += count
        else:
            self._more += count

    @property
    def count(self) -> int:
        return self.reasons.total()

    def __str__(self) -> str:
        texts = [f"{count} errors like: {text}" if count > 1 else text for text, count in self._texts.items()]
        return "; ".join([*texts, f"and {self._more} more"] if self._more else texts)
