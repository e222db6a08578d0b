"""Programs that no package archive holds, such as Loki and Tempo, run from where a variable says they are."""

import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path


@contextmanager
def running(command: Sequence[str], folder: Path, ready: str) -> Iterator[None]:
    """The program, from the moment when the address `ready` answers 200; killed in the end."""
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait(lambda: _answers(ready), (folder / "log").read_text)
        yield
    finally:
        process.kill()
        process.wait()


def wait(holds: Callable[[], bool], why: Callable[[], str] = str, seconds: float = 60) -> None:
    """Wait until `holds()`; `why()` is told where it does not in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, why()
        time.sleep(0.2)


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in sockets]


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False  # not listening, or not ready yet
