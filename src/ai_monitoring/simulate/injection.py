"""A condition in a process of its own: it is undone when that process is told to end, or loses who started it.

    python -m ai_monitoring.simulate.injection NAME SECONDS

writes `injected` once the condition is there, and undoes it at the end of its standard input, on SIGTERM, or after
SECONDS. It is in a session of its own, so that Ctrl-C in a terminal ends the rehearsal and lets this tidy up.
"""

import json
import select
import signal
import subprocess
import sys
import time
from types import TracebackType
from typing import Self

from ai_monitoring.simulate.scenarios import find
from ai_monitoring.simulate.stage import Stage
from ai_monitoring.stack import settings
from ai_monitoring.stack.engine import running
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.terminal import Terminal

INJECTED = "injected"
UNDONE_WITHIN = 120.0
"""Seconds; a container takes its time to start."""


class Injection:
    """A condition for at most `seconds`. `at` is since when it is there, seconds since 1970."""

    def __init__(self, name: str, seconds: float) -> None:
        self.at = 0.0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ai_monitoring.simulate.injection", name, str(seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def begin(self) -> None:
        """Wait until the condition is there. Raises StackError where it cannot be."""
        assert self._process.stdout is not None  # noqa: S101 - a pipe was asked for
        said = self._process.stdout.readline().strip()
        if said != INJECTED:
            raise _refusal(said)
        self.at = time.time()

    def end(self) -> None:
        """Undo the condition; returns when that is done. Raises StackError where it is not."""
        # Of several Ctrl-C the further ones wait as well: what was begun is undone.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self._process.communicate(timeout=UNDONE_WITHIN)
        except subprocess.TimeoutExpired as error:
            raise StackError(
                f"The condition was not undone within {UNDONE_WITHIN:.0f} s.", "See: python3 start_monitoring.py status"
            ) from error
        finally:
            signal.signal(signal.SIGINT, before)


def _refusal(said: str) -> StackError:
    try:
        told = json.loads(said)
        return StackError(told["problem"], told["remedy"])
    except (ValueError, KeyError, TypeError):
        return StackError("The condition could not be made.", "What it wrote is above.")


def main(name: str, seconds: float) -> int:
    """Make the condition, and hold it until told to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    scenario, now = find(name), settings.load()
    engine = running(now, Terminal(sys.stderr))
    try:
        if scenario is None or engine is None:
            raise StackError("There is nothing to rehearse with.", "Start it: python3 start_monitoring.py --demo")
        with scenario.condition(Stage(now, engine, seconds)):
            print(INJECTED, flush=True)
            select.select([sys.stdin], [], [], seconds)
    except StackError as error:
        print(json.dumps({"problem": error.problem, "remedy": error.remedy}), flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2])))
