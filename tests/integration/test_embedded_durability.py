"""`kill -9` under load, a hundred times over one file: every line that was acknowledged is there."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import httpx2
from waiting import free_ports

from ai_monitoring.embedded.store.database import connected

KILLS = int(os.environ.get("EMBEDDED_KILLS", "100"))
SENDERS = 4
LINES = 20
"""In a push."""
UNDER_LOAD_SECONDS = 0.15
SERVER = Path(__file__).with_name("push_server.py")


@contextmanager
def server(port: int, file: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, SERVER, str(port), str(file)])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


class Sender(threading.Thread):
    """Pushes until the server is gone; `acknowledged` has the texts that the server answered for."""

    def __init__(self, port: int, name: str, acknowledged: set[str]) -> None:
        super().__init__()
        self._address = f"http://127.0.0.1:{port}/loki/api/v1/push"
        self._name = name
        self._acknowledged = acknowledged

    def run(self) -> None:
        numbers = count()
        with httpx2.Client() as client:
            try:
                while True:
                    self._push(client, [f"{self._name} {next(numbers)}" for _ in range(LINES)])
            except httpx2.HTTPError:
                pass

    def _push(self, client: httpx2.Client, texts: list[str]) -> None:
        values = [[str(time.time_ns()), text] for text in texts]
        answer = client.post(self._address, json={"streams": [{"stream": {"app": "shop"}, "values": values}]})
        assert answer.status_code == 204, answer.text
        self._acknowledged.update(texts)


def await_start(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        try:
            httpx2.get(f"http://127.0.0.1:{port}/")
        except httpx2.HTTPError:
            time.sleep(0.01)
        else:
            return
    raise TimeoutError("the server did not start")


def kill_under_load(port: int, file: Path, run: int) -> set[str]:
    """What was acknowledged before the kill."""
    acknowledged: set[str] = set()
    with server(port, file) as process:
        await_start(process, port)
        senders = [Sender(port, f"run {run} sender {number}", acknowledged) for number in range(SENDERS)]
        for sender in senders:
            sender.start()
        end = time.monotonic() + 20
        while not acknowledged and time.monotonic() < end:
            time.sleep(0.005)
        # Not always at the same point of what it does.
        time.sleep(UNDER_LOAD_SECONDS * (run % 10 / 10))
        process.send_signal(signal.SIGKILL)
        for sender in senders:
            sender.join()
    return acknowledged


def stored(connection: sqlite3.Connection) -> list[str]:
    return [text for (text,) in connection.execute("SELECT text FROM line")]


def test_every_acknowledged_line_survives(tmp_path: Path) -> None:
    [port] = free_ports(1)
    file = tmp_path / "embedded.db"
    acknowledged: set[str] = set()
    for run in range(KILLS):
        found = kill_under_load(port, file, run)
        assert found, "there was load"
        acknowledged |= found
    with connected(file) as connection:
        texts = stored(connection)
        assert acknowledged <= set(texts), f"{len(acknowledged - set(texts))} acknowledged lines are lost"
        assert len(texts) == len(set(texts)), "none is there twice"
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    print(f"{KILLS} kills, {len(acknowledged)} lines acknowledged, {len(texts)} stored")
