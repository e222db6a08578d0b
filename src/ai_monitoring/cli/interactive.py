"""`ai-monitoring interactive`: a dashboard in the terminal, which refreshes and follows keys."""

import argparse
import importlib.util
import shutil
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from ai_monitoring.cli import survey
from ai_monitoring.cli.alerts import duration
from ai_monitoring.cli.prometheus import Prometheus
from ai_monitoring.cli.readings import ALERTS, DIMENSIONS, PAGES
from ai_monitoring.cli.watch import Watch
from ai_monitoring.stack import settings
from ai_monitoring.stack.errors import StackError

if TYPE_CHECKING:
    from ai_monitoring.cli.screen import Frame

_BEAT: Final = 0.2
"""Seconds within which a key, an answer or a new size is seen."""
_ENDED: Final = 128


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The verb, on the command line."""
    verb = verbs.add_parser(
        "interactive",
        help="a dashboard in the terminal that refreshes",
        description="Show the five dimensions and what fires, and follow keys (docs/cli.md lists them).",
    )
    verb.add_argument("--page", choices=PAGES, default=PAGES[0], help="to begin with; default: %(default)s")
    verb.add_argument("--since", metavar="TIME", type=duration, default=duration("1h"), help="default: 1h")
    verb.add_argument("--every", metavar="SECONDS", type=_seconds, default=5.0, help="ask again; default: 5")
    verb.add_argument("--once", action="store_true", help="print one frame, and end")


def run(options: argparse.Namespace) -> int:
    """Show it until `q`. Returns 0; with --once 1 where somebody is silent. Raises StackError without a terminal."""
    if importlib.util.find_spec("rich") is None:
        raise StackError("interactive needs rich.", "Install it: pip install 'ai-monitoring[cli]'")
    from ai_monitoring.cli.screen import Frame

    frame = Frame(page=options.page, since=options.since)
    ask = _Asker(settings.load())
    if options.once:
        return _print(ask(frame))
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise StackError("interactive needs a terminal.", "Print one frame: --once. For programs: summary --json")
    _Screen(frame, ask, options.every).run()
    return 0


def _print(frame: "Frame") -> int:
    from rich.console import Console

    size = shutil.get_terminal_size()
    Console(width=size.columns).print(frame.drawn(size.columns, size.lines))
    return 1 if frame.problem else 0


class _Asker:
    """Fills a frame in with what Prometheus and the incident log answer, or with why they do not."""

    def __init__(self, chosen: settings.Settings) -> None:
        self._prometheus = Prometheus(chosen)
        self._watch = Watch(chosen)

    def __call__(self, frame: "Frame") -> "Frame":
        """What one of them does not tell stays as it was."""
        asked = replace(frame, problem="", at=datetime.now().astimezone())
        for ask in (self._incidents, self._found):
            try:
                asked = ask(asked)
            except StackError as error:
                asked = replace(asked, problem=error.problem)
        return asked

    def _incidents(self, frame: "Frame") -> "Frame":
        found = self._watch.incidents({"status": ["open", "acknowledged"], "limit": "1000"})
        return replace(frame, incidents=found)

    def _found(self, frame: "Frame") -> "Frame":
        known = frame.page in DIMENSIONS
        return replace(frame, found=survey.dimension(frame.page, frame.since, self._prometheus) if known else ())


class _Screen:
    """The terminal while the dashboard has it. Keys, answers and the size are looked at five times a second; it draws
    when one of them changed.
    """

    def __init__(self, frame: "Frame", ask: Callable[["Frame"], "Frame"], every: float) -> None:
        self._frame = frame
        self._ask = ask
        self._every = every
        self._due = 0.0
        self._answer: Future[Frame] | None = None

    def run(self) -> None:
        from rich.console import Console
        from rich.live import Live

        from ai_monitoring.cli.keys import pressed, unbuffered

        signal.signal(signal.SIGTERM, lambda number, _: sys.exit(_ENDED + number))
        console, terminal, pool = Console(), sys.stdin.fileno(), ThreadPoolExecutor(1)
        try:
            with unbuffered(terminal), Live(console=console, screen=True, auto_refresh=False) as live:
                drawn: Any = None
                while (key := pressed(terminal, _BEAT if drawn else 0)) != "q":
                    self._press(key)
                    self._exchange(pool)
                    if drawn != (drawn := (self._frame, console.size)):
                        live.update(self._frame.drawn(*console.size), refresh=True)
        finally:
            # An answer that is still under way must not hold the end up.
            pool.shutdown(wait=False, cancel_futures=True)

    def _press(self, key: str | None) -> None:
        frame = self._frame
        match key:
            case "tab":
                self._turn(frame.turned(1))
            case "back":
                self._turn(frame.turned(-1))
            case "a":
                self._turn(frame.shows(ALERTS))
            case "+" | "-":
                self._turn(frame.looks_back(1 if key == "+" else -1))
            case "r":
                self._due = 0.0
            case str() if key.isdecimal() and 1 <= int(key) <= len(DIMENSIONS):
                self._turn(frame.shows(PAGES[int(key) - 1]))

    def _turn(self, frame: "Frame") -> None:
        if frame != self._frame:
            self._frame, self._due = frame, 0.0

    def _exchange(self, pool: ThreadPoolExecutor) -> None:
        """Take an answer that came, unless it is to what nobody asks any more; ask when it is time."""
        if self._answer is not None and self._answer.done():
            came, self._answer = self._answer.result(), None
            if (came.page, came.since) == (self._frame.page, self._frame.since):
                self._frame = came
        if self._answer is None and time.monotonic() >= self._due:
            self._due = time.monotonic() + self._every
            self._answer = pool.submit(self._ask, self._frame)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 1 to 3600")
    return seconds
