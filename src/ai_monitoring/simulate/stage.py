"""Where a rehearsal takes place."""

from dataclasses import dataclass

from ai_monitoring.stack.engine import Engine
from ai_monitoring.stack.settings import Settings


@dataclass(frozen=True, slots=True)
class Stage:
    """The running demo. `seconds` is how long a condition may last at most, whatever becomes of who asked for it."""

    settings: Settings
    engine: Engine
    seconds: float
