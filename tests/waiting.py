"""What tests with real processes need: ports that nobody holds, and patience."""

import random
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import TypeVar

T = TypeVar("T")


def free_ports(count: int) -> list[int]:
    """Ports that nobody holds."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [probe.getsockname()[1] for probe in probes]


def lasting_ports(count: int) -> list[int]:
    """Ports that nobody holds and nobody is given by chance: below those that systems hand out. For what is started
    minutes later.
    """
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(15_000, 32_000)  # noqa: S311 - no secret
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        found += [port] * (port not in found)
    return found


def until(ask: Callable[[], T], seconds: float = 60.0) -> T:
    """The first true answer; whoever does not answer yet is asked again. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if answer := ask():
                return answer
        except (OSError, ValueError):
            pass
        time.sleep(0.2)
    raise TimeoutError
