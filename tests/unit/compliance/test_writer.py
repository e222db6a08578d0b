import logging
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from waiting import until

from ai_monitoring.compliance import writer as module
from ai_monitoring.compliance.audit import AuditLog
from ai_monitoring.compliance.verification import verify
from ai_monitoring.compliance.writer import AuditWriter


@pytest.fixture
def lost() -> list[int]:
    return []


@pytest.fixture
def writer(log: AuditLog, lost: list[int]) -> Iterator[AuditWriter]:
    writer = AuditWriter(log, lost.append)
    yield writer
    writer.close()


def numbers(log: AuditLog) -> list[int]:
    return [record["n"] for entry in log.entries() if (record := log.record(entry))]


def test_what_is_put_is_written_soon_and_in_order(writer: AuditWriter, log: AuditLog) -> None:
    identifiers = [writer.put("assessed", "subject-ada", lambda n=n: {"n": n}) for n in range(1_200)]  # type: ignore[misc]
    until(lambda: len(numbers(log)) == 1_200, 20)
    assert numbers(log) == list(range(1_200))
    assert [entry.id for entry in log.entries()] == identifiers


def test_what_waits_is_written_at_the_end(log: AuditLog, lost: list[int]) -> None:
    writer = AuditWriter(log, lost.append)
    writer.put("assessed", "", lambda: {"n": 1})
    writer.close()
    assert numbers(log) == [1]
    assert writer.put("assessed", "", lambda: {"n": 2}) is None
    assert lost == [1]


def test_one_that_cannot_be_written_takes_no_other_with_it(
    writer: AuditWriter, log: AuditLog, lost: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL, "ai_monitoring.compliance"):
        for record in ({"n": 1}, {"n": object()}, {"n": 3}):
            writer.put("assessed", "", lambda record=record: record)  # type: ignore[misc]
        assert writer.flush()
    assert numbers(log) == [1, 3]
    assert lost == [1]


def test_what_the_disk_does_not_take_waits_and_the_rest_is_counted(
    folder: Path, lost: list[int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "BOUND", 3)
    log = AuditLog(folder)
    (folder / "audit.sqlite").mkdir()
    writer = AuditWriter(log, lost.append)
    with caplog.at_level(logging.ERROR):
        entries = [writer.put("assessed", "", lambda n=n: {"n": n}) for n in range(5)]  # type: ignore[misc]
        assert not writer.flush()
        assert not writer.flush()
    assert [entry is None for entry in entries] == [False] * 3 + [True] * 2
    assert lost == [1, 1]
    assert len(caplog.messages) == 1
    (folder / "audit.sqlite").rmdir()
    assert writer.flush()
    assert numbers(log) == [0, 1, 2]
    writer.close()
    log.close()


KILLED = """
import os, signal, sys, time
from pathlib import Path
from ai_monitoring.compliance.audit import AuditLog
from ai_monitoring.compliance.writer import AuditWriter
log = AuditLog(Path(sys.argv[1]))
writer = AuditWriter(log, lambda count: None)
{what}
"""


def run(folder: Path, what: str) -> int:
    program = KILLED.format(what=textwrap.dedent(what))
    return subprocess.run([sys.executable, "-c", program, str(folder)], check=False, timeout=60).returncode


def test_a_process_that_ends_writes_what_waits(folder: Path, log: AuditLog) -> None:
    assert run(folder, "writer.put('assessed', '', lambda: {'n': 1})") == 0
    assert numbers(log) == [1]


def test_a_process_that_is_killed_leaves_a_whole_log(folder: Path, log: AuditLog) -> None:
    what = """
    for n in range(100):
        writer.put('assessed', '', lambda n=n: {'n': n})
    writer.flush()
    writer.put('assessed', '', lambda: {'n': 100})
    os.kill(os.getpid(), signal.SIGKILL)
    """
    assert run(folder, what) == -signal.SIGKILL
    assert numbers(log) == list(range(100))
    assert verify(log).intact


def test_a_forked_process_writes_its_own_and_nothing_twice(folder: Path, log: AuditLog) -> None:
    what = """
    writer.put('assessed', '', lambda: {'n': 1})
    child = os.fork()
    if child == 0:
        writer.put('assessed', '', lambda: {'n': 2})
        writer.close()
        os._exit(0)
    os.waitpid(child, 0)
    writer.close()
    """
    assert run(folder, what) == 0
    assert sorted(numbers(log)) == [1, 2]
    assert verify(log).intact


@pytest.mark.parametrize("moment", ["", "writer._writing.acquire()"], ids=["idle", "writing"])
def test_a_forked_process_that_only_ends_writes_nothing_and_does_not_hang(
    folder: Path, log: AuditLog, moment: str
) -> None:
    what = f"""
    writer.put('assessed', '', lambda: {{'n': 1}})
    {moment}
    child = os.fork()
    if child == 0:
        sys.exit()
    ended = os.waitpid(child, 0)
    if writer._writing.locked():
        writer._writing.release()
    """
    assert run(folder, what) == 0
    assert numbers(log) == [1]
