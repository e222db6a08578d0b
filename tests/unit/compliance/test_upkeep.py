import json
import logging
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from compliance_events import events
from prometheus_client import CollectorRegistry
from waiting import until

from ai_monitoring.compliance import upkeep as module
from ai_monitoring.compliance.stores import Stores
from ai_monitoring.compliance.upkeep import Upkeep, prune
from ai_monitoring.compliance.verdict import last_verdict
from ai_monitoring.compliance.verification import verify

DAY = 86_400 * 10**6


@pytest.fixture
def stores(folder: Path) -> Iterator[Stores]:
    stores = Stores.open(folder)
    yield stores
    stores.close()


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def value(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(name, labels)


def test_the_state_of_the_log_is_shown(stores: Stores, registry: CollectorRegistry) -> None:
    began = time.time_ns() // 1000 - DAY
    stores.log.append(events(3, at=began))
    stores.erasures.begin("subject-ada")
    Upkeep(stores, 365, registry).round()
    assert value(registry, "ai_audit_entries") == 3
    assert value(registry, "ai_audit_oldest_entry_timestamp_seconds") == began / 1e6
    assert value(registry, "ai_audit_chain_broken") == 0
    assert value(registry, "ai_erasures_pending") == 1


def test_erasures_by_commands_are_counted_from_its_start_on(stores: Stores, registry: CollectorRegistry) -> None:
    stores.erasures.end("subject-bob", "partial", "0")
    upkeep = Upkeep(stores, 365, registry)
    upkeep.begin()
    assert value(registry, "ai_erasures_total", status="partial") == 0
    stores.erasures.end("subject-ada", "partial", "1")
    stores.erasures.end("subject-ada", "complete", "2")
    for _ in range(2):
        upkeep.round()
        assert value(registry, "ai_erasures_total", status="partial") == 1
        assert value(registry, "ai_erasures_total", status="complete") == 1


def test_retention_is_kept_and_noted(stores: Stores, registry: CollectorRegistry) -> None:
    now = time.time_ns() // 1000
    stores.log.append(events(2, at=now - 11 * DAY))
    stores.log.append(events(1, at=now - 9 * DAY))
    Upkeep(stores, 10, registry).round()
    assert [entry.action for entry in stores.log.entries()] == ["assessed", "pruned"]
    assert value(registry, "ai_audit_events_total", action="pruned") == 1
    assert verify(stores.log).intact
    assert prune(stores.log, 10) == 0


def test_a_clock_that_leapt_deletes_nothing_by_itself(stores: Stores, registry: CollectorRegistry) -> None:
    now = time.time_ns() // 1000
    stores.log.append(events(2, at=now - 11 * DAY))
    upkeep = Upkeep(stores, 10, registry)
    (stores.folder / module.CLOCK).write_text(json.dumps({"last": now / 1e6 - 11 * 86_400, "held_until": 0}))
    upkeep.round()
    assert stores.log.extent()[0] == 2
    assert value(registry, "ai_monitoring_retention_held", store="audit") == 1
    assert value(registry, "ai_audit_entries") == 2, "the other duties go on"


def test_a_broken_log_is_shown_whoever_found_it(stores: Stores, registry: CollectorRegistry) -> None:
    stores.log.append(events(2))
    upkeep = Upkeep(stores, 365, registry)
    upkeep.round()
    connection = sqlite3.connect(stores.log.database.file, isolation_level=None)
    connection.execute("UPDATE entry SET at = at + 1 WHERE sequence = 1")
    connection.close()
    upkeep.round()
    assert value(registry, "ai_audit_chain_broken") == 0, "it is verified once an hour"
    assert not verify(stores.log).intact
    upkeep.round()
    assert value(registry, "ai_audit_chain_broken") == 1


def test_it_verifies_again_after_an_hour(
    stores: Stores, registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "VERIFY_SECONDS", 0.0)
    stores.log.append(events(2))
    upkeep = Upkeep(stores, 365, registry)
    upkeep.round()
    stores.log.anchor.file.unlink()
    upkeep.round()
    assert value(registry, "ai_audit_chain_broken") == 1


def test_a_log_that_cannot_be_read_is_a_broken_one(
    stores: Stores, registry: CollectorRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    stores.log.append(events(2))
    with stores.log.database.transaction() as connection:
        connection.execute("ALTER TABLE entry RENAME TO elsewhere")
    with caplog.at_level(logging.CRITICAL, "ai_monitoring.compliance"):
        Upkeep(stores, 365, registry).round()
    assert value(registry, "ai_audit_chain_broken") == 1


def test_a_verification_is_given_up_at_the_end(
    stores: Stores, registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PAUSE_SECONDS", 10.0)
    stores.log.append(events(1_000))
    upkeep = Upkeep(stores, 365, registry)
    upkeep.start()
    time.sleep(0.3)
    begun = time.monotonic()
    upkeep.close()
    assert time.monotonic() - begun < 5
    assert last_verdict(stores.log) is None


def test_a_lock_that_cannot_be_had_is_told_and_tried_again(
    stores: Stores, registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "ROUND_SECONDS", 0.02)
    (stores.folder / module.LOCK).mkdir()
    upkeep = Upkeep(stores, 365, registry)
    with caplog.at_level(logging.ERROR):
        upkeep.start()
        until(lambda: caplog.messages, 10)
    (stores.folder / module.LOCK).rmdir()
    until(lambda: value(registry, "ai_audit_entries") is not None, 10)
    upkeep.close()


DAEMON = """
import os, sys, time
from pathlib import Path
from prometheus_client import CollectorRegistry
from ai_monitoring.collector.request import AIRequest
from ai_monitoring.compliance import Compliance, upkeep
from ai_monitoring.compliance.settings import ComplianceSettings
from ai_monitoring.configuration import Configuration

def entries():
    return registry.get_sample_value("ai_audit_entries")

upkeep.ROUND_SECONDS = 0.05
registry = CollectorRegistry()
compliance = Compliance(Configuration(compliance=ComplianceSettings(folder=Path(sys.argv[1]))), registry)
while entries() is None:
    time.sleep(0.01)
if os.fork():
    os._exit(0)
compliance.assess(AIRequest(request_id="one", provider="openai", model="gpt-4o"))
compliance.flush()
while entries() != 1:
    time.sleep(0.01)
Path(sys.argv[2]).touch()
"""


def test_a_child_that_outlives_its_parent_takes_over(folder: Path, tmp_path: Path) -> None:
    done = tmp_path / "done"
    subprocess.run([sys.executable, "-W", "ignore", "-c", DAEMON, str(folder), str(done)], check=True, timeout=60)
    until(done.exists, 30)


def test_one_process_of_several_does_it_and_the_next_takes_over(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROUND_SECONDS", 0.02)
    first, second = CollectorRegistry(), CollectorRegistry()
    one = Upkeep(stores, 365, first)
    one.start()
    until(lambda: value(first, "ai_audit_entries") is not None, 10)
    two = Upkeep(stores, 365, second)
    two.start()
    time.sleep(0.1)
    assert value(second, "ai_audit_entries") is None
    one.close()
    until(lambda: value(second, "ai_audit_entries") is not None, 10)
    two.close()
