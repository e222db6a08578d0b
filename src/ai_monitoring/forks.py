"""What has threads, locks and queues of its own makes them anew in a forked process, which has none of the threads."""

import os
from typing import Final, Protocol
from weakref import WeakSet


class Forked(Protocol):
    """Where a thread of the parent's held a lock, nobody in the child would free it."""

    def start_anew(self) -> None: ...


_living: Final[WeakSet[Forked]] = WeakSet()


def anew_in_child(one: Forked) -> None:
    """Have `one.start_anew()` called in each process that is forked from this one, as long as it lives."""
    _living.add(one)


def _start_anew() -> None:
    for one in tuple(_living):
        one.start_anew()


os.register_at_fork(after_in_child=_start_anew)
