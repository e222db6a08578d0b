import os
import stat
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import compliance_events
from compliance_events import ADA, events

from ai_monitoring.compliance.audit import AuditLog, house_event
from ai_monitoring.compliance.keyring import HOUSE
from ai_monitoring.compliance.verification import verify

DAY = 86_400 * 10**6


APPEND = """
import sys
from pathlib import Path
import compliance_events
from compliance_events import events
from ai_monitoring.compliance.audit import AuditLog, house_event
log = AuditLog(Path(sys.argv[1]))
for number in range(10):
    log.append(events(5, f"subject-{number}"))
log.close()
"""
TESTS = Path(compliance_events.__file__).parent


def test_what_is_appended_is_read_back_in_order(log: AuditLog) -> None:
    log.append(events(2))
    log.append(events(1, HOUSE))
    entries = list(log.entries())
    assert [entry.sequence for entry in entries] == [1, 2, 3]
    assert [log.record(entry) for entry in entries] == [{"request_id": f"req-{n}"} for n in (0, 1, 0)]
    assert [entry.sequence for entry in log.entries(ADA)] == [1, 2]
    assert list(log.entries("subject-nobody")) == []


def test_nothing_lies_there_in_clear_and_nobody_else_can_read_it(log: AuditLog, folder: Path) -> None:
    log.append(events(3))
    for file in folder.iterdir():
        content = file.read_bytes()
        assert b"req-" not in content, file.name
        assert (ADA.encode() in content) is (file.name == "keys.sqlite"), file.name
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_without_its_key_an_entry_is_gone_and_the_chain_holds(log: AuditLog, folder: Path) -> None:
    log.append(events(3))
    log.append(events(1, "subject-bob"))
    key = log.keyring.keys([(ADA, time.time_ns() // 1000)]).popitem()[1]
    assert log.keyring.destroy(ADA) == 1
    assert [log.record(entry) for entry in log.entries()] == [None, None, None, {"request_id": "req-0"}]
    assert verify(log).intact
    for file in folder.iterdir():
        assert key.secret not in file.read_bytes(), file.name
        assert ADA.encode() not in file.read_bytes(), file.name


def test_what_comes_late_after_an_erasure_is_sealed_for_nobody(log: AuditLog) -> None:
    now = time.time_ns() // 1000
    log.append(events(1, at=now - 10))
    log.keyring.destroy(ADA, now)
    log.append(events(1, at=now - 5))
    assert [log.record(entry) for entry in log.entries()] == [None, None]
    assert log.keyring.identifier(ADA) is None
    log.append(events(1, at=now + 5))
    assert [log.record(entry) for entry in log.entries(ADA)] == [{"request_id": "req-0"}]
    log.append(events(1, at=now - 4))
    assert len(list(log.entries(ADA))) == 1, "nor under the key of afterwards"


def test_several_processes_write_one_chain(folder: Path) -> None:
    command = [sys.executable, "-c", APPEND, str(folder)]
    writers = [subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(TESTS)}) for _ in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    log = AuditLog(folder)
    verdict = verify(log)
    assert (verdict.intact, verdict.entries, verdict.problem) == (True, 150, "")
    assert all(log.record(entry) for entry in log.entries()), "each subject has one key, whoever made it"
    log.close()


def test_old_entries_go_and_the_chain_holds(log: AuditLog) -> None:
    now = time.time_ns() // 1000
    log.append(events(4, "subject-old", at=now - 10 * DAY))
    log.append(events(2, at=now))
    log.append(events(1, "subject-old", at=now - 10 * DAY))
    assert log.prune(now - 9 * DAY) == 4, "the last one stands behind a newer one"
    assert [entry.sequence for entry in log.entries()] == [5, 6, 7]
    assert verify(log).intact
    assert log.prune(now - 9 * DAY) == 0
    log.append(events(1))
    assert log.prune(now + DAY) == 4
    assert (verify(log).intact, verify(log).entries) == (True, 0)
    log.append(events(1))
    assert verify(log).head.startswith("9:")


def test_an_entry_of_a_clock_that_was_ahead_keeps_no_older_one(log: AuditLog) -> None:
    now = time.time_ns() // 1000
    for at in (now + 3_000 * DAY, now - 10 * DAY, now, now - 10 * DAY, now + 3_000 * DAY):
        log.append(events(1, at=at))
    assert log.prune(now - 9 * DAY) == 2
    assert verify(log).intact


def test_a_clock_that_is_behind_deletes_nothing(log: AuditLog) -> None:
    now = time.time_ns() // 1000
    log.append(events(3, at=now + 3_000 * DAY))
    assert log.prune(now - 9 * DAY) == 0
    log.append(events(1, at=now))
    assert log.prune(now - 9 * DAY) == 0


def test_a_key_that_no_entry_needs_goes_with_them(log: AuditLog) -> None:
    log.append(events(1, "subject-old", at=1))
    log.append(events(1, HOUSE, at=1))
    log.prune(time.time_ns() // 1000 + DAY)
    assert log.keyring.identifier("subject-old") is None
    assert log.keyring.identifier(HOUSE) is not None


def test_a_head_that_cannot_be_kept_loses_no_entry(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "log", anchor=tmp_path / "file" / "head")
    (tmp_path / "file").write_text("no folder")
    log.append(events(1))
    assert len(list(log.entries())) == 1
    log.close()


DAEMON = """
import os, sys, time
from pathlib import Path
from ai_monitoring.compliance.audit import AuditLog, house_event
log = AuditLog(Path(sys.argv[1]))
log.append([house_event("parent", {})])
if os.fork():
    os._exit(0)
time.sleep(0.5)
for number in range(30):
    log.append([house_event("child", {})])
    time.sleep(0.02)
Path(sys.argv[2]).touch()
"""


def test_a_child_that_outlives_its_parent_loses_nothing(folder: Path, log: AuditLog, tmp_path: Path) -> None:
    """A daemon, which forks once it has opened its files; another process writes as well."""
    done = tmp_path / "done"
    subprocess.run([sys.executable, "-c", DAEMON, str(folder), str(done)], check=True, timeout=60)
    others = 0
    while not done.exists():
        log.append([house_event("other", {})])
        others += 1
        log.close()  # the last connection takes the write-ahead log away, as SQLite sees it
        time.sleep(0.02)
    assert Counter(entry.action for entry in log.entries()) == {"parent": 1, "child": 30, "other": others}
    assert verify(log).intact
