"""A clock that leapt far ahead is not believed at once: what is deleted by its age would be gone for good."""

import json
import logging
from pathlib import Path
from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.compliance.private import replace
from ai_monitoring.metrics.instrument import instrument

_HOUR: Final = 3600.0
_DAY: Final = 24 * _HOUR
LEAP: Final = 10 * _DAY
"""What goes ahead by less deletes at most so many seconds too early."""
HELD: Final = _DAY

logger = logging.getLogger("ai_monitoring")


class SteadyClock:
    """Keeps in `file` when it was last looked at. `store` is what its metric and log line call what it guards."""

    def __init__(self, file: Path, store: str, registry: CollectorRegistry = REGISTRY) -> None:
        self._file, self._store = file, store
        self._held = instrument("ai_monitoring_retention_held", registry)[store]

    def trusted(self, now: float) -> bool:
        """Whether what is too old at `now`, Unix seconds, may be deleted. Raises OSError.

        Not for a day after the clock went ahead by more than ten days since the last look, be it wrong or was nobody
        there to look; at once again where it comes back.
        """
        last, until = self._known()
        if now - (last or now) > LEAP:
            until = now + HELD
            logger.error(
                "The clock went ahead by %.0f days: nothing of the %s is deleted for its age within a day. Set it right"
                " by then if it is wrong",
                (now - last) / _DAY,
                self._store,
            )
        elif now < last - _HOUR:
            until = 0.0
        if not 0 <= now - last < _HOUR:
            replace(self._file, json.dumps({"last": now, "held_until": until}).encode())
        self._held.set(now < until)
        return now >= until

    def _known(self) -> tuple[float, float]:
        """The last look, 0 where none is known, and until when nothing is deleted."""
        try:
            content = json.loads(self._file.read_bytes())
            return float(content["last"]), float(content["held_until"])
        except (FileNotFoundError, ValueError, LookupError, TypeError):
            return 0.0, 0.0
