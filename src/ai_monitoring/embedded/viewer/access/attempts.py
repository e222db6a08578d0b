"""What slows down whoever guesses the password."""

import time
from collections.abc import Callable

FREE = 5
LONGEST_SECONDS = 60.0


class Attempts:
    """Failed logins, counted together: behind a loopback port everybody has one address.

    The first FREE cost nothing. Each further one closes the door for twice as long, up to LONGEST_SECONDS.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed = 0
        self._open_from = 0.0

    def wait(self) -> float:
        """Seconds until the next attempt is taken; 0 now."""
        return max(0.0, self._open_from - self._clock())

    def failed(self) -> None:
        self._failed += 1
        if self._failed >= FREE:
            # The exponent is bounded: days of guessing must not overflow.
            delay = min(2.0 ** min(self._failed - FREE, 10), LONGEST_SECONDS)
            self._open_from = self._clock() + delay

    def succeeded(self) -> None:
        self._failed, self._open_from = 0, 0.0
