"""What the money of a request costs: `python -m benchmarks.finops`. No peer is known that books requests in-process."""

import resource
import statistics
import tempfile
import time
from decimal import Decimal
from pathlib import Path

from prometheus_client import CollectorRegistry

from ai_monitoring.collector.request import AIRequest
from ai_monitoring.configuration import Configuration
from ai_monitoring.finops.assessment import FinOps
from ai_monitoring.finops.budget import Budget, Period, Scope
from ai_monitoring.finops.entry import Entry
from ai_monitoring.finops.ledger import Ledger

CALLS, MANY = 2_000, 100_000
PACES = {"one after another": 0.0, "500 a second": 0.002}
"""Seconds between two requests. Between them other processes have the processor and its caches."""


def request(number: int) -> AIRequest:
    return AIRequest(
        request_id=f"req-{number}",
        provider="openai",
        model="gpt-4o",
        input_tokens=250,
        output_tokens=250,
        team="search",
        project="chat",
    )


def assessing(configuration: Configuration) -> None:
    finops = FinOps(configuration, CollectorRegistry())
    for number, (name, pause) in enumerate(PACES.items()):
        cuts = statistics.quantiles(timed(finops, number * CALLS, pause), n=100)
        print(f"assess, two budgets, {name}: {cuts[49] * 1e6:.0f} µs median, {cuts[94] * 1e6:.0f} µs p95")
    finops.close(60)


def timed(finops: FinOps, first: int, pause: float) -> list[float]:
    times = []
    for number in range(first, first + CALLS):
        one = request(number)
        start = time.perf_counter()
        finops.assess(one)
        times.append(time.perf_counter() - start)
        time.sleep(pause)
    return times


def booking(url: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    with Ledger(url) as ledger:
        for first in range(0, MANY, 500):
            ledger.book(*(entry(number) for number in range(first, first + 500)))
        seconds = time.perf_counter() - start
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(f"book, 500 a commit: {MANY / seconds:.0f} entries/s over {MANY} entries, {grown:.1f} MB of memory more")
        start = time.perf_counter()
        ledger.spent(Scope.TEAM, "search", "EUR", 0, MANY)
        print(f"spent: {(time.perf_counter() - start) * 1e3:.1f} ms")


def entry(number: int) -> Entry:
    return Entry(
        request_id=f"entry-{number}",
        at=number,
        provider="openai",
        model="gpt-4o",
        team="search",
        project="chat",
        currency="EUR",
        cost=Decimal("0.0028"),
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'ledger.db'}"
        budgets = (
            Budget(Scope.TEAM, "search", Period.MONTH, Decimal(500)),
            Budget(Scope.PROJECT, "chat", Period.DAY, Decimal(50)),
        )
        configuration = Configuration("EUR", {"USD": Decimal("0.9")}, budgets=budgets, ledger=url)
        assessing(configuration)
        booking(url)


if __name__ == "__main__":
    main()
