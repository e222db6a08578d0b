"""How many lines a second the embedded store takes, each on disk before its answer; beside a real Loki if there is one.

    pip install -e '.[embedded]' && python benchmarks/embedded_store.py [--lines 200000]

The server is a process of its own, as in tests/integration/push_server.py; batches of 1,000 lines come over HTTP from
four senders at a time. With LOKI_URL set (http://127.0.0.1:3100), the same pushes go to that Loki too; with our
loki/loki.yml it refuses what is more than 8 MB/s: raise its ingestion_rate_mb, per_stream_rate_limit, and their bursts.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, sleep
from typing import Final

import cramjam
import httpx2
import psutil

from ai_monitoring.embedded.ingest.messages import PushRequest
from ai_monitoring.embedded.store.database import connected

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from waiting import free_ports

SERVER: Final = Path(__file__).parents[1] / "tests/integration/push_server.py"

BATCH: Final = 1_000
SENDERS: Final = 4
SERVICES: Final = ("django", "fastapi", "streamlit")
TARGET: Final = 20_000
"""Lines a second, on two cores."""
TARGET_MB: Final = 200

Encode = Callable[[dict[str, str], list[tuple[int, str]]], bytes]


def lines(first: int, begin: int) -> list[tuple[int, str]]:
    """A batch of log lines of this house, about 100 bytes each, a few of them errors."""
    levels = ("INFO", "INFO", "INFO", "DEBUG", "WARNING", "ERROR")
    return [
        (
            begin + number,
            f'{{"level": "{levels[number % 6]}", "message": "request {number} answered in {number % 900} ms",'
            f' "path": "/api/faq/{number % 40}", "status": {500 if number % 6 == 5 else 200}}}',
        )
        for number in range(first, first + BATCH)
    ]


def as_json(labels: dict[str, str], batch: list[tuple[int, str]]) -> bytes:
    values = [[str(moment), text] for moment, text in batch]
    return json.dumps({"streams": [{"stream": labels, "values": values}]}).encode()


def as_protobuf(labels: dict[str, str], batch: list[tuple[int, str]]) -> bytes:
    request = PushRequest()
    stream = request.streams.add(labels="{" + ", ".join(f'{name}="{value}"' for name, value in labels.items()) + "}")
    for moment, text in batch:
        entry = stream.entries.add(line=text)
        entry.timestamp.seconds, entry.timestamp.nanos = divmod(moment, 10**9)
    return bytes(cramjam.snappy.compress_raw(request.SerializeToString()))


FORMATS: Final[dict[str, tuple[str, Encode]]] = {
    "JSON": ("application/json", as_json),
    "snappy protobuf": ("application/x-protobuf", as_protobuf),
}


def bodies(encode: Encode, count: int, run: str) -> list[bytes]:
    """Pushes, made before the clock runs. The lines of a run have their own label, so that Loki keeps them apart."""
    begin = time.time_ns() - 60 * 10**9
    return [
        encode({"service_name": SERVICES[number % 3], "benchmark": run}, lines(number * BATCH, begin))
        for number in range(count // BATCH)
    ]


async def push(address: str, content_type: str, pushes: list[bytes]) -> float:
    """Lines a second. Raises where a push is not taken."""
    waiting = iter(pushes)

    async def send(client: httpx2.AsyncClient) -> None:
        for body in waiting:
            answer = await client.post(address, content=body, headers={"Content-Type": content_type})
            if answer.status_code != 204:
                raise RuntimeError(f"{address} answers {answer.status_code}: {answer.text[:300]}")

    begin = perf_counter()
    async with httpx2.AsyncClient(timeout=60) as client:
        await asyncio.gather(*(send(client) for _ in range(SENDERS)))
    return len(pushes) * BATCH / (perf_counter() - begin)


@contextmanager
def server(file: Path) -> Iterator[tuple[str, psutil.Process]]:
    """The embedded store's address and process."""
    [port] = free_ports(1)
    process = subprocess.Popen([sys.executable, SERVER, str(port), str(file)])
    address = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                httpx2.get(address)
                break
            except httpx2.HTTPError:
                sleep(0.02)
        yield address, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def say(text: str) -> None:
    print(text, file=sys.stderr)


def measure(name: str, address: str, count: int) -> list[float]:
    rates = []
    for form, (content_type, encode) in FORMATS.items():
        run = f"{form.replace(' ', '-')}-{os.getpid()}"
        rate = asyncio.run(push(f"{address}/loki/api/v1/push", content_type, bodies(encode, count, run)))
        rates.append(rate)
        say(f"    {name:20} {form:20} {rate:10.0f}")
    return rates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=200_000, help="in each format")
    count = parser.parse_args().lines
    say(f"\nlines a second, on disk before the answer, {count} lines in batches of {BATCH}:\n")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "embedded.db"
        with server(file) as (address, process):
            rates = measure("embedded", address, count)
            memory = process.memory_info().rss / 1e6
        with connected(file) as connection:
            (stored,) = connection.execute("SELECT count(*) FROM line").fetchone()
        size = file.stat().st_size / stored
    say(f"    target {TARGET}: {'reached' if min(rates) >= TARGET else 'MISSED'}")
    say(f"    {stored} lines stored, {size:.0f} bytes of the file each")
    say(f"    memory {memory:.0f} MB, target {TARGET_MB}: {'reached' if memory < TARGET_MB else 'MISSED'}")
    if loki := os.environ.get("LOKI_URL"):
        measure(f"Loki at {loki}", loki.rstrip("/"), count)


if __name__ == "__main__":
    main()
