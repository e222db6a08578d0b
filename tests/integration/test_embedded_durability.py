"""`kill -9` under load, a hundred times over one file: every line that was acknowledged is there."""

import os
import signal
import sqlite3
import threading
import time
from itertools import count
from pathlib import Path

import httpx2
from embedded_process import backend

from ai_monitoring.embedded.process import FILE
from ai_monitoring.embedded.store.database import connected

KILLS = int(os.environ.get("EMBEDDED_KILLS", "100"))
SENDERS = 4
LINES = 20
"""In a push."""
UNDER_LOAD_SECONDS = 0.15


class Sender(threading.Thread):
    """Pushes until the server is gone; `acknowledged` has the texts that the server answered for."""

    def __init__(self, address: str, name: str, acknowledged: set[str]) -> None:
        super().__init__()
        self._address = f"{address}/loki/api/v1/push"
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


def kill_under_load(data: Path, run: int) -> set[str]:
    """What was acknowledged before the kill."""
    acknowledged: set[str] = set()
    with backend(data, services=("loki",)) as found:
        names = [f"run {run} sender {number}" for number in range(SENDERS)]
        senders = [Sender(found.at("loki"), name, acknowledged) for name in names]
        for sender in senders:
            sender.start()
        end = time.monotonic() + 20
        while not acknowledged and time.monotonic() < end:
            time.sleep(0.005)
        # Not always at the same point of what it does.
        time.sleep(UNDER_LOAD_SECONDS * (run % 10 / 10))
        found.process.send_signal(signal.SIGKILL)
        for sender in senders:
            sender.join()
    return acknowledged


def stored(connection: sqlite3.Connection) -> list[str]:
    return [text for (text,) in connection.execute("SELECT text FROM line")]


def test_every_acknowledged_line_survives(tmp_path: Path) -> None:
    data = tmp_path / "data"
    acknowledged: set[str] = set()
    for run in range(KILLS):
        found = kill_under_load(data, run)
        assert found, "there was load"
        acknowledged |= found
    with connected(data / FILE) as connection:
        texts = stored(connection)
        assert acknowledged <= set(texts), f"{len(acknowledged - set(texts))} acknowledged lines are lost"
        assert len(texts) == len(set(texts)), "none is there twice"
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    print(f"{KILLS} kills, {len(acknowledged)} lines acknowledged, {len(texts)} stored")
