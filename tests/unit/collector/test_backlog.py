"""Submitted requests: recorded by a thread, bounded, and none lost in silence."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from threading import Event, Semaphore
from threading import enumerate as threads
from time import sleep
from typing import Any, Literal

import pytest
from prometheus_client import CollectorRegistry
from waiting import until

from ai_monitoring import MetricsCollector
from ai_monitoring.collector import backlog
from ai_monitoring.collector.admission import Admission
from ai_monitoring.collector.backlog import Backlog
from ai_monitoring.collector.settings import Collection
from ai_monitoring.configuration import Configuration
from ai_monitoring.quality import Evaluation, Exchange

Ask = Any


class Gate:
    """An evaluator that lets nothing through until the test says so."""

    name = "gate"
    high_is: Literal["good", "bad", "neither"] = "good"
    linear = True

    def __init__(self) -> None:
        self.reached, self.open = Event(), Event()

    def evaluate(self, exchange: Exchange) -> Evaluation:
        self.reached.set()
        self.open.wait()
        return Evaluation(1.0, "through", "")


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.open.set()


@pytest.fixture
def slow(configuration: Configuration, registry: CollectorRegistry, gate: Gate) -> MetricsCollector:
    """A collector whose thread waits at the gate, with room for two more."""
    settings = replace(configuration, collection=Collection(batch_size=1, queue_size=2))
    return MetricsCollector(settings, registry=registry, evaluators=[gate])


def lost(registry: CollectorRegistry, reason: str) -> float | None:
    return registry.get_sample_value("ai_monitoring_records_lost_total", {"reason": reason})


def recorded(registry: CollectorRegistry) -> float | None:
    return registry.get_sample_value("ai_requests_recorded_total", {"way": "submit"})


def test_a_submitted_request_is_recorded(collector: MetricsCollector, registry: CollectorRegistry, ask: Ask) -> None:
    assert all(collector.submit(ask()) for _ in range(200))
    collector.stop()
    assert recorded(registry) == 200
    assert collector.get_summary()["requests"] == 200
    assert registry.get_sample_value("ai_monitoring_records_waiting") == 0


def test_what_finds_no_room_is_lost_and_counted(
    slow: MetricsCollector, registry: CollectorRegistry, gate: Gate, ask: Ask
) -> None:
    slow.submit(ask())
    gate.reached.wait()
    assert [slow.submit(ask()) for _ in range(4)] == [True, True, False, False]
    assert lost(registry, "queue_full") == 2
    gate.open.set()
    slow.stop()
    assert recorded(registry) == 3


def test_few_requests_with_much_text_find_no_more_room_than_many(
    registry: CollectorRegistry, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "MOST_TEXT", 100_000)
    waiting = Backlog(Collection(queue_size=10_000), lambda *_: None, registry)
    large = Admission(ask(context=["x" * 9_000] * 10))
    assert waiting.put(large, "llm", held=True)
    assert not waiting.put(large, "submit")
    assert waiting.put(Admission(ask()), "submit"), "there is room for a small one"
    assert lost(registry, "queue_full") == 1
    waiting.stop(10)
    assert lost(registry, "stopped") == 0
    waiting.open()
    assert waiting.put(large, "submit"), "what was taken makes room"
    waiting.stop(10)


def test_a_stop_waits_no_longer_than_it_may(
    slow: MetricsCollector, registry: CollectorRegistry, gate: Gate, ask: Ask
) -> None:
    slow.submit(ask())
    gate.reached.wait()
    slow.submit(ask())
    slow.stop(timeout=0.01)
    assert lost(registry, "stopped") == 1
    assert slow.submit(ask()) is False
    assert lost(registry, "stopped") == 2


def test_of_a_batch_under_way_at_the_end_one_is_recorded_and_the_rest_is_lost(
    registry: CollectorRegistry, ask: Ask
) -> None:
    taken: list[Admission] = []
    turns = Semaphore(0)

    def take(admission: Admission, _: str) -> None:
        taken.append(admission)
        turns.acquire()

    waiting = Backlog(Collection(batch_size=5, queue_size=10), take, registry)
    requests = [Admission(ask()) for _ in range(5)]
    waiting.put(requests[0], "submit")
    until(lambda: len(taken) == 1)
    for request in requests[1:]:
        waiting.put(request, "submit")
    turns.release()
    until(lambda: len(taken) == 2)
    waiting.stop(0.01)
    assert lost(registry, "stopped") == 3
    turns.release(5)
    until(lambda: "ai-monitoring-records" not in {thread.name for thread in threads()})
    assert taken == requests[:2]


def booked(registry: CollectorRegistry, outcome: str) -> float | None:
    return registry.get_sample_value("ai_monitoring_ledger_entries_total", {"outcome": outcome})


def test_a_collector_can_be_started_again(collector: MetricsCollector, registry: CollectorRegistry, ask: Ask) -> None:
    collector.stop()
    collector.start()
    assert collector.submit(ask())
    collector.stop()
    collector.stop()
    assert recorded(registry) == 1
    assert booked(registry, "lost") == 0, "the ledger takes entries again, too"
    assert (booked(registry, "booked") or 0) + (booked(registry, "known") or 0) == 1
    assert "ai-monitoring-records" not in {thread.name for thread in threads()}


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_process_records_its_own_requests(
    collector: MetricsCollector, registry: CollectorRegistry, ask: Ask
) -> None:
    collector.submit(ask())
    while collector.get_summary()["requests"] < 1:
        sleep(0.001)
    child = os.fork()
    if not child:
        signal.alarm(20)  # a child that hangs fails the test
        collector.submit(ask())
        collector.stop()
        os._exit(0 if collector.get_summary()["requests"] == 2 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
