"""What the launcher prints: a line a step, alive on a terminal, plain in a log file."""

import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

_FRAMES = "|/-\\"
_PLAIN_REMINDER_SECONDS = 15.0


class Step:
    """One thing under way. `detail` is shown behind its title when it is done."""

    def __init__(self) -> None:
        self.detail = ""


class Terminal:
    """Prints to `stream`; colours, and lines that change in place, on a terminal alone (and never with NO_COLOR)."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stdout
        self._alive = self._stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self._colour = self._alive and "NO_COLOR" not in os.environ

    @property
    def is_alive(self) -> bool:
        """Whether a person sees this at once, rather than a file or another program."""
        return self._alive

    def line(self, text: str = "") -> None:
        print(text, file=self._stream, flush=True)

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Show that `title` is under way, then how it ended and how long it took."""
        step, start, done = Step(), time.monotonic(), threading.Event()
        ticker = threading.Thread(target=self._tick, args=(title, start, done), daemon=True)
        ticker.start()
        ended = False
        try:
            yield step
            ended = True
        finally:
            done.set()
            ticker.join()
            mark = self.good("ok    ") if ended else self.bad("failed")
            label = f"{title}: {step.detail}" if step.detail else title
            self._clear()
            self.line(f"  {mark}  {label} ({time.monotonic() - start:.1f} s)")

    def good(self, text: str) -> str:
        return self._paint(text, "32")

    def warning(self, text: str) -> str:
        return self._paint(text, "33")

    def bad(self, text: str) -> str:
        return self._paint(text, "31")

    def bold(self, text: str) -> str:
        return self._paint(text, "1")

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text

    def _clear(self) -> None:
        if self._alive:
            self._stream.write("\r\x1b[2K")

    def _tick(self, title: str, start: float, done: threading.Event) -> None:
        if not self._alive:
            while not done.wait(_PLAIN_REMINDER_SECONDS):
                self.line(f"  ...     {title}, {time.monotonic() - start:.0f} s so far")
            return
        beat = 0
        while not done.wait(0.1):
            beat += 1
            self._stream.write(f"\r\x1b[2K  {_FRAMES[beat % 4]}       {title} {time.monotonic() - start:.0f} s")
            self._stream.flush()


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines of aligned columns; the first row is the heading. Colours in the last column alone."""
    if not rows:
        return []
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    return [
        "  " + "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip()
        for row in rows
    ]
