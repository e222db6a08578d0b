"""What the local stack costs while nothing happens, and how long a second start takes to be healthy.

    .venv/bin/python benchmarks/local_stack.py

Starts the stack without the demo from a copy of the project on free ports, stops it, and measures the second start,
since the first one downloads. Then reads the memory and processor time of its processes for a minute.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "integration"))

from checkout import Checkout, checkout  # the tests' way to use the project, as a newcomer does

START_SECONDS, MEMORY_BYTES, CORES = 15.0, 400e6, 0.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to look at the idle stack")
    seconds = parser.parse_args().seconds
    with checkout() as copy:
        require(copy.run())
        require(copy.run("stop"))
        start = time.monotonic()
        require(copy.run())
        started = time.monotonic() - start
        time.sleep(10)  # what a start itself costs is not idling
        rows = measure(copy, seconds)
    print(f"{'process':<40}{'memory, MB':>12}{'% of a core':>13}")
    for name, memory, share in rows:
        print(f"{name:<40}{memory / 1e6:>12.1f}{share:>13.2%}")
    verdict("second start to healthy, s", started, START_SECONDS)
    verdict("idle memory, MB", sum(row[1] for row in rows) / 1e6, MEMORY_BYTES / 1e6)
    verdict("idle, % of a core", sum(row[2] for row in rows) * 100, CORES * 100)


def measure(copy: Checkout, seconds: float) -> list[tuple[str, float, float]]:
    """Name, memory in bytes and share of a core of each process; memory that processes share is divided among them."""
    processes = [psutil.Process(pid) for pid in copy.pids().values()]
    processes.append(psutil.Process(int((copy.root / ".runtime" / "supervisor.pid").read_text())))
    before = [process.cpu_times() for process in processes]
    time.sleep(seconds)
    after = [process.cpu_times() for process in processes]
    return [
        (
            label(process),
            process.memory_full_info().pss,
            (end.user + end.system - begin.user - begin.system) / seconds,
        )
        for process, begin, end in zip(processes, before, after, strict=True)
    ]


def label(process: psutil.Process) -> str:
    """The program's name, or for Python the module that it runs."""
    words = process.cmdline()
    return words[words.index("-m") + 1] if "-m" in words else process.name()


def require(result: subprocess.CompletedProcess[str]) -> None:
    if result.returncode:
        sys.exit(result.stdout + result.stderr)


def verdict(what: str, measured: float, target: float) -> None:
    print(f"{what:<32}{measured:>8.1f}   at most {target:g}: {'met' if measured <= target else 'MISSED'}")


if __name__ == "__main__":
    main()
