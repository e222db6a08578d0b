"""How many lines a second are taken, each on disk before its answer. benchmarks/embedded.py sends them.

Batches of 1,000 lines come over HTTP from four senders at a time.
"""

import asyncio
import json
import os
import time
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Final

import cramjam
import httpx2

from ai_monitoring.embedded.ingest.messages import PushRequest

BATCH: Final = 1_000
SENDERS: Final = 4
SERVICES: Final = ("django", "fastapi", "streamlit")
TARGET: Final = 20_000
"""Lines a second, on two cores."""

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


def measured(address: str, count: int) -> Iterator[tuple[str, float]]:
    """Of each format its name, and the lines a second."""
    for form, (content_type, encode) in FORMATS.items():
        run = f"{form.replace(' ', '-')}-{os.getpid()}"
        yield form, asyncio.run(push(f"{address}/loki/api/v1/push", content_type, bodies(encode, count, run)))
