"""What recording an AI request costs: in time, beside presidio's analyser on the same texts, and in memory.

    pip install --group bench -e . && python -m benchmarks.record [--rounds 300] [--submitted 3000] [--memory 100000]

Times are processor time, so that other work on the machine does not show: of the caller's thread for `record`, of the
whole process for `submit`, whose thread is another one. The texts are those of benchmarks/evaluators: 1 kB of prompt,
1 kB of answer. Each record has an id of its own; a memory that grows with the records would show at the last steps.
"""

import argparse
import gc
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from statistics import median, quantiles
from time import process_time, sleep
from typing import Final

import psutil
from benchmarks.evaluators.speed import TEXTS, presidio, times
from prometheus_client import CollectorRegistry, generate_latest

from ai_monitoring import AIRequest, MetricsCollector
from ai_monitoring.configuration import Configuration
from ai_monitoring.quality import Setting, built_in

ALL_MS: Final = 3.0
BARE_MS: Final = 0.2
A_SECOND: Final = 300
STEPS: Final = (0.1, 0.25, 0.5, 0.75, 1.0)
AT_ONCE: Final = 1000

_numbers = count()


def request(prompt: str, response: str) -> AIRequest:
    return AIRequest(
        request_id=f"benchmark-{next(_numbers)}",
        provider="openai",
        model="gpt-4o",
        prompt=prompt,
        response=response,
        input_tokens=220,
        output_tokens=230,
        latency_ms=850.0,
        time_to_first_token_ms=200.0,
        confidence=0.8,
        team="engineering",
        project="chatbot",
        user="somebody",
    )


@contextmanager
def collecting(*, evaluators: bool = True) -> Iterator[MetricsCollector]:
    off = {} if evaluators else {one.name: Setting(enabled=False) for one in built_in()}
    with MetricsCollector(Configuration(evaluators=off), registry=CollectorRegistry()) as collector:
        yield collector


def show_times(rounds: int) -> None:
    print("\n| one record, 1 kB of prompt and of answer | text | median ms | p95 ms | target |\n|---|---|---|---|---|")
    for name, texts in TEXTS.items():
        with collecting() as collector:
            found = times(lambda recorded=collector, of=texts: recorded.record(request(*of)), rounds)  # type: ignore[misc]
        _line("every built-in evaluator", name, found, None if "dense" in name else ALL_MS)
    with collecting(evaluators=False) as collector:
        found = times(lambda: collector.record(request(*TEXTS["English"])), rounds * 10)
    _line("without evaluators", "English", found, BARE_MS)
    _peer()


def _peer() -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            analyse: Callable[[str], object] = presidio()
    except ImportError as error:
        print(f"| presidio's default analyser, without a model | not installed ({error.name}) | | | |")
        return
    prompt, response = TEXTS["English"]
    _line("presidio's default analyser alone", "English", times(lambda: (analyse(prompt), analyse(response)), 30), None)


def _line(what: str, text: str, found: list[float], target: float | None) -> None:
    middle = median(found)
    verdict = "" if target is None else f"{target:g}: {'reached' if middle <= target else 'MISSED'}"
    print(f"| {what} | {text} | {middle:.3f} | {quantiles(found, n=20)[-1]:.3f} | {verdict} |")


def submit(collector: MetricsCollector, records: int) -> None:
    """Hand over so many, never more at once than the queue holds, and wait until all are recorded."""
    until = collector.get_summary()["requests"]
    texts = TEXTS["English"]
    for first in range(0, records, AT_ONCE):
        most = min(AT_ONCE, records - first)
        for _ in range(most):
            collector.submit(request(*texts))
        until += most
        while collector.get_summary()["requests"] < until:
            sleep(0.005)


def show_throughput(records: int) -> None:
    with collecting() as collector:
        submit(collector, 10)
        start = process_time()
        submit(collector, records)
        rate = records / (process_time() - start)
    verdict = "reached" if rate >= A_SECOND else "MISSED"
    print(f"\nsubmit: {rate:.0f} records a second of one core, every built-in evaluator; target {A_SECOND}: {verdict}")


def show_memory(records: int) -> None:
    print(f"\nmemory of this process over {records} submitted records, every built-in evaluator:\n")
    process, done = psutil.Process(), 0
    registry = CollectorRegistry()
    with MetricsCollector(Configuration(), registry=registry) as collector:
        for step in STEPS:
            submit(collector, round(records * step) - done)
            done = round(records * step)
            gc.collect()
            series = len(generate_latest(registry).splitlines())
            print(
                f"    after {done:7}: {process.memory_info().rss / 2**20:6.1f} MiB, {series} lines of metrics",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=300, help="records a text (default: %(default)s)")
    parser.add_argument("--submitted", type=int, default=3000, help="records of submit (default: %(default)s)")
    parser.add_argument(
        "--memory", type=int, default=100_000, help="records whose memory is read (default: %(default)s)"
    )
    options = parser.parse_args()
    print(f"Python {sys.version.split()[0]}")
    show_times(options.rounds)
    show_throughput(options.submitted)
    show_memory(options.memory)


if __name__ == "__main__":
    main()
