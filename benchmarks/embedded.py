"""The embedded backend against its targets: start, queries, a board, pushes, memory; a real Loki beside it.

    .venv/bin/python benchmarks/embedded.py [--lines 1000000] [--runs 5] [--pushed 200000]

One process as start_monitoring.py starts it, over a million lines of the last hour, answers and takes all of it. With
LOKI_URL set (http://127.0.0.1:3100), the same lines, queries and pushes go to that Loki; with our loki/loki.yml it
refuses what is more than 8 MB/s: raise its ingestion_rate_mb, per_stream_rate_limit, and their bursts.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from time import perf_counter, sleep
from typing import Final

import psutil

sys.path.append(str(Path(__file__).parents[1]))
sys.path.append(str(Path(__file__).parents[1] / "tests"))
from benchmarks import embedded_boards, embedded_queries, embedded_store
from benchmarks.embedded_project import SOURCES, project
from browser.chromium import launched, opened
from embedded_process import PASSWORD, Backend, await_answer, backend

from ai_monitoring.embedded.process import FILE
from ai_monitoring.embedded.store.database import connected

MEMORY_MB: Final = 200
START_SECONDS: Final = 3.0
IDLE_SECONDS: Final = 10


def row(what: str, measured: float, target: float, unit: str, *, least: bool = False) -> None:
    """One line of the table; `least` is a target to reach, the others are not to be exceeded."""
    reached = measured >= target if least else measured <= target
    bound = "at least" if least else "at most"
    print(f"    {what:44}{measured:>10,.2f} {unit:8} {bound} {target:>6,g}  {'reached' if reached else 'MISSED'}")


def peak(found: Backend) -> float:
    """The most memory that the process has had so far, MB of 10^6 bytes, as the kernel remembers it."""
    status = Path(f"/proc/{found.process.pid}/status").read_text(encoding="ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024 / 1e6


def starts(folder: Path, project_folder: Path) -> None:
    """How long it takes over an empty store, from exec to the first answer."""
    taken = []
    for number in range(5):
        begin = perf_counter()
        with backend(folder / f"empty-{number}", f"--project={project_folder}", services=("metrics",)) as found:
            await_answer(found, f"{found.at('metrics')}/health")
            taken.append(perf_counter() - begin)
    row("start, median of 5", statistics.median(taken), START_SECONDS, "s")


def idle(found: Backend) -> None:
    process = psutil.Process(found.process.pid)
    before = embedded_queries.used(process)
    sleep(IDLE_SECONDS)
    share = (embedded_queries.used(process) - before) / IDLE_SECONDS
    row("idle: memory", process.memory_info().rss / 1e6, MEMORY_MB, "MB")
    row("idle: processor", share * 100, 1, "%")


def queries(address: str, begin: int, runs: int) -> None:
    """The slower of the first time and the median of the others."""
    for name, first, median, target in embedded_queries.measured(address, begin, runs):
        row(name, max(first, median), target, "s")


def boards(found: Backend) -> None:
    window = embedded_boards.WINDOW
    with launched() as browser, opened(browser, viewport=window) as (page, errors):
        url = f"{found.at('viewer')}/d/bench?from=now-1h&to=now"
        embedded_boards.sign_in(page, url, PASSWORD)
        visits = [embedded_boards.visit(page, url) for _ in range(7)]
    panels, first = visits[0]
    target = embedded_boards.TARGET_SECONDS
    row(f"board of {panels} panels, first visit", first, target, "s")
    row("board, later visits, median", statistics.median(seconds for _, seconds in visits[1:]), target, "s")
    if errors:
        print(f"    the console is not quiet: {errors}")


def pushes(address: str, count: int) -> None:
    for form, rate in embedded_store.measured(address, count):
        row(f"pushes of {embedded_store.BATCH}, {form}", rate, embedded_store.TARGET, "lines/s", least=True)


def embedded(lines: int, runs: int, pushed: int, begin: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, data = Path(name), Path(name) / "data"
        data.mkdir()
        project(folder / "project")
        print("\nembedded backend")
        starts(folder, folder / "project")
        embedded_queries.store(data / FILE, lines, begin)
        with SOURCES.up(), backend(data, f"--project={folder / 'project'}", f"--prometheus={SOURCES.address}") as found:
            idle(found)
            queries(found.at("loki"), begin, runs)
            boards(found)
            pushes(found.at("loki"), pushed)
            row("memory, its peak over all of this", peak(found), MEMORY_MB, "MB")
        with connected(data / FILE) as connection:
            (stored,) = connection.execute("SELECT count(*) FROM line").fetchone()
        if stored != lines + len(embedded_store.FORMATS) * pushed:
            raise RuntimeError(f"{stored} lines are stored: some that were acknowledged are lost")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=1_000_000, help="of the last hour")
    parser.add_argument("--runs", type=int, default=5, help="of each query, after the first")
    parser.add_argument("--pushed", type=int, default=200_000, help="lines, in each format")
    options = parser.parse_args()
    begin = time.time_ns() - embedded_queries.HOUR
    embedded(options.lines, options.runs, options.pushed, begin)
    if loki := os.environ.get("LOKI_URL", "").rstrip("/"):
        print(f"\nLoki at {loki}")
        asyncio.run(embedded_queries.push(loki, options.lines, begin))
        queries(loki, begin, options.runs)
        pushes(loki, options.pushed)


if __name__ == "__main__":
    main()
