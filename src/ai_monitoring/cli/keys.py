"""Keys of a terminal, one at a time, without waiting for the end of a line."""

import os
import select
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager

NAMES = {"\t": "tab", "\x1b[C": "tab", "\x1b[Z": "back", "\x1b[D": "back", "\x03": "q", "\x04": "q", "": "q"}
"""What some keys send. Nothing at all is a terminal that has been closed."""
_AT_ONCE = 32
"""Bytes: what a key sends comes in one piece."""


@contextmanager
def unbuffered(terminal: int) -> Iterator[None]:
    """Keys come as they are pressed, and are not shown. As before afterwards, whatever happens."""
    before = termios.tcgetattr(terminal)
    try:
        tty.setcbreak(terminal)
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def pressed(terminal: int, within: float) -> str | None:
    """The key that is pressed within so many seconds, by its name or its character."""
    ready, _, _ = select.select([terminal], [], [], within)
    if not ready:
        return None
    text = os.read(terminal, _AT_ONCE).decode("utf-8", "replace")
    return NAMES.get(text) or text[:1].lower()
