import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from compliance_events import events

from ai_monitoring.compliance.audit import AuditLog
from ai_monitoring.compliance.signing import Signer
from ai_monitoring.compliance.verdict import Verdict, last_verdict
from ai_monitoring.compliance.verification import verify


@pytest.fixture
def five(log: AuditLog) -> AuditLog:
    for _ in range(5):
        log.append(events(1))
    return log


@contextmanager
def intruder(log: AuditLog) -> Iterator[sqlite3.Connection]:
    """Somebody who may write the file, and has none of our keys."""
    connection = sqlite3.connect(log.database.file, isolation_level=None)
    yield connection
    connection.close()


def broken(verdict: Verdict) -> tuple[int | None, str]:
    assert not verdict.intact
    return verdict.first_broken, verdict.problem


def test_a_whole_log_is_intact_and_the_verdict_is_kept(five: AuditLog) -> None:
    verdict = verify(five)
    assert (verdict.intact, verdict.entries, verdict.first_broken) == (True, 5, None)
    assert last_verdict(five) == verdict


def test_an_empty_log_is_intact(log: AuditLog) -> None:
    assert last_verdict(log) is None
    assert (verify(log).intact, verify(log).entries) == (True, 0)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entry SET at = at + 1 WHERE sequence = 3",
        "UPDATE entry SET action = 'nothing' WHERE sequence = 3",
        "UPDATE entry SET key = 'another' WHERE sequence = 3",
        "UPDATE entry SET sealed = zeroblob(60) WHERE sequence = 3",
        "UPDATE entry SET sealed = 'text' WHERE sequence = 3",
        "UPDATE entry SET at = x'00' WHERE sequence = 3",
        "UPDATE entry SET hash = 'text' WHERE sequence = 3",
        "UPDATE entry SET hash = zeroblob(32) WHERE sequence = 3",
        "UPDATE entry SET (sealed, hash) = (SELECT sealed, hash FROM entry WHERE sequence = 1) WHERE sequence = 3",
    ],
)
def test_a_change_is_found(five: AuditLog, change: str) -> None:
    with intruder(five) as connection:
        connection.execute(change)
    assert broken(verify(five)) == (3, "entry 3 is not what was written there")


def test_a_removal_is_found(five: AuditLog) -> None:
    with intruder(five) as connection:
        connection.execute("DELETE FROM entry WHERE sequence IN (2, 3)")
    assert broken(verify(five)) == (2, "entries 2 to 3 are missing")


def test_another_order_is_found(five: AuditLog) -> None:
    with intruder(five) as connection:
        for old, new in ((2, 20), (3, 2), (20, 3)):
            connection.execute("UPDATE entry SET sequence = ? WHERE sequence = ?", (new, old))
    assert broken(verify(five)) == (2, "entry 2 is not what was written there")


def test_a_cut_is_found(five: AuditLog) -> None:
    with intruder(five) as connection:
        connection.execute("DELETE FROM entry WHERE sequence > 3")
    assert broken(verify(five)) == (4, "entries 4 to 5 were cut off")


def cut_with_an_old_head_put_back(log: AuditLog) -> None:
    """Five entries, of which the last two are gone, with the head that was signed before them."""
    log.append(events(3))
    (old,) = log.database.read("SELECT statement FROM signed WHERE kind = 'head'")
    log.append(events(2))
    with intruder(log) as connection:
        connection.execute("DELETE FROM entry WHERE sequence > 3")
        connection.execute("UPDATE signed SET statement = ? WHERE kind = 'head'", old)


def test_a_cut_with_an_old_head_put_back_is_found_by_the_kept_one(log: AuditLog) -> None:
    cut_with_an_old_head_put_back(log)
    assert broken(verify(log)) == (4, "entries 4 to 5 were cut off")


def test_a_log_that_was_cut_off_and_grew_on_is_found_still(log: AuditLog, caplog: pytest.LogCaptureFixture) -> None:
    cut_with_an_old_head_put_back(log)
    with caplog.at_level(logging.ERROR):
        for _ in range(4):
            log.append(events(1))
    assert broken(verify(log)) == (5, "entry 5 is not the one that a kept head names")
    (message,) = caplog.messages
    assert message.endswith("audit.head: the log holds no entry 5 as the one that was written there")


def test_the_whole_log_put_away_is_found(five: AuditLog) -> None:
    with intruder(five) as connection:
        connection.execute("DELETE FROM entry")
        connection.execute("DELETE FROM signed")
    assert broken(verify(five)) == (1, "entries 1 to 5 were cut off")


def test_a_beginning_put_away_is_no_retention(five: AuditLog) -> None:
    with intruder(five) as connection:
        connection.execute("DELETE FROM entry WHERE sequence < 3")
    assert broken(verify(five)) == (1, "entries 1 to 2 are missing")


def test_an_entry_of_somebody_else_is_found(five: AuditLog) -> None:
    last = list(five.entries())[-1]
    forged = last._replace(sequence=6)
    forged = forged._replace(hash=forged.hash_after(last.hash))
    with intruder(five) as connection:
        connection.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", forged)
    assert broken(verify(five)) == (6, "no signed head covers what follows entry 5")


def test_a_head_signed_by_another_key_is_found(five: AuditLog, tmp_path: Path) -> None:
    head = five.anchor.read()
    assert head is not None
    forged = Signer(tmp_path / "elsewhere").signed({**head, "sequence": 3})
    with intruder(five) as connection:
        connection.execute("UPDATE signed SET statement = ? WHERE kind = 'head'", (json.dumps(forged),))
    assert broken(verify(five)) == (None, "the log's head does not bear our signature")


@pytest.mark.parametrize("statement", ["no JSON", "[]", "5", "{}"])
def test_a_head_that_is_none_is_found(five: AuditLog, statement: str) -> None:
    with intruder(five) as connection:
        connection.execute("UPDATE signed SET statement = ?", (statement,))
    assert broken(verify(five)) == (None, "the log's head does not bear our signature")


@pytest.mark.parametrize("verdict", ["no JSON", "[]", '{"kind": "verdict", "intact": true}'])
def test_a_verdict_of_somebody_else_is_none(five: AuditLog, verdict: str) -> None:
    verify(five)
    with intruder(five) as connection:
        connection.execute("UPDATE verdict SET verdict = ?", (verdict,))
    assert last_verdict(five) is None


def test_a_noted_head_that_retention_has_deleted_says_nothing(log: AuditLog) -> None:
    log.append(events(2, at=1))
    noted = verify(log).head
    log.append(events(1))
    log.prune(2)
    with pytest.raises(ValueError, match="the entries up to 2 are deleted by retention"):
        verify(log, noted)


def test_a_kept_head_that_is_gone_or_no_head_is_told(five: AuditLog) -> None:
    five.anchor.file.unlink()
    assert broken(verify(five)) == (None, f"the signed head {five.anchor.file} is missing")
    five.anchor.file.write_text("[]")
    assert broken(verify(five)) == (None, f"{five.anchor.file} holds no head of an audit log")
    five.anchor.file.write_text('{"sequence": 5}')
    assert broken(verify(five)) == (None, f"the head {five.anchor.file} does not bear our signature")


def test_a_log_rewritten_with_all_our_keys_is_found_by_a_head_noted_elsewhere(log: AuditLog, tmp_path: Path) -> None:
    log.append(events(3))
    noted = verify(log).head
    for file in ("audit.sqlite", "audit.sqlite-wal", "audit.head"):
        log.database.file.with_name(file).unlink()
    log.close()
    log.append(events(3))
    assert verify(log).intact, "nothing here can tell"
    assert broken(verify(log, noted)) == (3, "entry 3 is not the one that a kept head names")
    with pytest.raises(ValueError, match="is no head such as"):
        verify(log, "three")


def test_a_mistyped_head_alarms_nobody(five: AuditLog) -> None:
    assert broken(verify(five, f"2:{'0' * 64}")) == (2, "entry 2 is not the one that a kept head names")
    kept = last_verdict(five)
    assert kept is not None
    assert kept.intact


def test_it_rests_while_it_reads_much(log: AuditLog) -> None:
    log.append(events(2_500))
    pauses: list[None] = []
    assert verify(log, pause=lambda: pauses.append(None)).entries == 2_500
    assert len(pauses) == 2
