"""How long log queries take over a million lines of the last hour, over HTTP. benchmarks/embedded.py asks them."""

import random
import statistics
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Final

import httpx2
import psutil

from ai_monitoring.embedded.store.records import Line
from ai_monitoring.embedded.store.writer import Writer

HOUR: Final = 3600 * 10**9
BATCH: Final = 2_000
LEVELS: Final = ("info", "warn", "error", "debug")
QUERIES: Final = (
    ("lines of a level with a text", '{service_name=~".+"} | detected_level="error" |= "users"', 0, 0.5),
    ("lines with a text, none there", '{service_name=~".+"} |= "nothing like it"', 0, 0.5),
    ("lines of a service, any case", '{service_name="service-1"} |~ "(?i)API/V1/USERS/77"', 0, 0.5),
    ("lines of a trace, none there", '{service_name=~".+"} | trace_id="00000000000000000000000000000000"', 0, 0.5),
    ("by level, a minute, each 15 s", 'sum by (detected_level) (count_over_time({service_name=~".+"}[1m]))', 15, 1.0),
    ("by level, a minute, each 60 s", 'sum by (detected_level) (count_over_time({service_name=~".+"}[1m]))', 60, 1.0),
    (
        "errors by service, each 60 s",
        'sum by (service_name) (rate({service_name=~".+"} |= "status 500" [5m]))',
        60,
        1.0,
    ),
)
"""Name, query, step in seconds (0: lines), and the seconds that it may take."""


def lines(count: int, begin: int) -> Iterator[list[Line]]:
    """Batches of lines of six services over an hour, about 200 bytes each with their metadata."""
    source = random.Random(1)  # noqa: S311
    labels = [(("service_name", f"service-{number}"),) for number in range(6)]
    for first in range(0, count, BATCH):
        yield [
            Line(
                labels[number % 6],
                begin + HOUR * number // count,
                f"request {number} to /api/v1/users/{source.randrange(10_000)} took {source.randrange(1_000)} ms,"
                f" with status {500 if number % 29 == 0 else 200}, for a browser that is quite new",
                source.choices(LEVELS, (80, 8, 4, 8))[0],
                (("logger", "app.views"), ("trace_id", f"{source.getrandbits(128):032x}")),
            )
            for number in range(first, min(first + BATCH, count))
        ]


def store(file: Path, count: int, begin: int) -> None:
    with Writer(file) as writer:
        for batch in lines(count, begin):
            writer.write_lines(batch).result()


async def push(address: str, count: int, begin: int) -> None:
    """Send the lines to a Loki. Raises where it does not take them."""
    async with httpx2.AsyncClient(timeout=60) as client:
        for batch in lines(count, begin):
            streams: dict[str, list[object]] = {}
            for line in batch:
                metadata = dict(line.metadata) | {"detected_level": line.level}
                streams.setdefault(line.labels[0][1], []).append([str(line.time), line.text, metadata])
            body = [{"stream": {"service_name": name}, "values": values} for name, values in streams.items()]
            answer = await client.post(f"{address}/loki/api/v1/push", json={"streams": body})
            if answer.status_code != 204:
                raise RuntimeError(f"{address} answers {answer.status_code}: {answer.text[:300]}")


def ask(client: httpx2.Client, query: str, step: int, begin: int) -> float:
    """Seconds until the answer is there."""
    parameters = {"query": query, "start": str(begin), "end": str(begin + HOUR), "limit": "1000"}
    start = perf_counter()
    answer = client.get("/loki/api/v1/query_range", params=parameters | ({"step": str(step)} if step else {}))
    seconds = perf_counter() - start
    if answer.status_code != 200:
        raise RuntimeError(f"{query} answers {answer.status_code}: {answer.text[:300]}")
    return seconds


def used(process: psutil.Process | None) -> float:
    times = process.cpu_times() if process else None
    return times.user + times.system if times else 0.0


def measured(address: str, begin: int, runs: int) -> Iterator[tuple[str, float, float, float]]:
    """Of each query its name, seconds of the first time and the median of `runs` more, and the seconds it may take."""
    with httpx2.Client(base_url=address, timeout=120) as client:
        for name, query, step, target in QUERIES:
            first = ask(client, query, step, begin)
            median = statistics.median(ask(client, query, step, begin) for _ in range(runs))
            yield name, first, median, target
