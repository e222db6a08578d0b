"""`ai-monitoring audit`, `consent`, `erase` over a folder of their own."""

import json
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from compliance_events import events

from ai_monitoring.cli import main
from ai_monitoring.compliance.pseudonym import VARIABLE
from ai_monitoring.compliance.stores import Stores
from ai_monitoring.stack import parts

Run = Callable[..., tuple[int, str]]
DAY = 86_400 * 10**6


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AI_MONITORING_CONFIG", raising=False)
    monkeypatch.delenv(VARIABLE, raising=False)
    (tmp_path / "monitoring.yaml").write_text("compliance: {folder: kept, retention_days: 10}\n")
    return tmp_path / "kept"


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str) -> tuple[int, str]:
        status = main(words)
        captured = capsys.readouterr()
        return status, captured.out + captured.err

    return run


def put(folder: Path, count: int, user: str = "ada", at: int | None = None) -> None:
    stores = Stores.open(folder)
    stores.log.append(events(count, stores.pseudonyms.of(user), at))
    stores.close()


def read(run: Run, *words: str) -> Any:
    return json.loads(run(*words, "--json")[1])


def test_a_whole_log_is_verified(run: Run, folder: Path) -> None:
    put(folder, 3)
    status, text = run("audit", "verify")
    assert status == 0
    assert "The log is whole: 3 entries." in text
    verdict = read(run, "audit", "verify")
    assert (verdict["intact"], verdict["entries"], verdict["first_broken"]) == (True, 3, None)
    put(folder, 2)
    assert run("audit", "verify", "--head", verdict["head"])[0] == 0


def test_a_broken_log_ends_with_3_and_names_the_first_entry(run: Run, folder: Path) -> None:
    put(folder, 3)
    connection = sqlite3.connect(folder / "audit.sqlite", isolation_level=None)
    connection.execute("UPDATE entry SET at = 0 WHERE sequence = 2")
    connection.close()
    status, text = run("audit", "verify")
    assert status == 3
    assert "The log is not whole: entry 2 is not what was written there." in text
    assert "docs/runbooks/compliance/AuditChainBroken.md" in text
    assert read(run, "audit", "verify")["first_broken"] == 2
    assert run("audit", "verify", "--head", "2")[0] == 1


def test_entries_are_shown_and_exported(run: Run, folder: Path) -> None:
    put(folder, 2)
    put(folder, 1, "bob")
    put(folder, 1, at=time.time_ns() // 1000 - 3 * DAY)
    assert [entry["sequence"] for entry in read(run, "audit", "show")["entries"]] == [1, 2, 3, 4]
    assert [entry["sequence"] for entry in read(run, "audit", "show", "--limit", "1")["entries"]] == [4]
    of_ada = read(run, "audit", "show", "--subject", "ada", "--since", "24h")["entries"]
    assert [(entry["sequence"], entry["record"]["request_id"]) for entry in of_ada] == [(1, "req-0"), (2, "req-1")]
    lines = run("audit", "export")[1].splitlines()
    assert [json.loads(line)["sequence"] for line in lines] == [1, 2, 3, 4]
    header, *rows = run("audit", "export", "--format", "csv", "--subject", "bob")[1].splitlines()
    assert header == "sequence,time,action,id,record"
    assert len(rows) == 1
    assert "There is no entry." in run("audit", "show", "--subject", "nobody")[1]


def test_retention_can_be_asked_for(run: Run, folder: Path) -> None:
    put(folder, 2, at=time.time_ns() // 1000 - 11 * DAY)
    assert read(run, "audit", "prune") == {"entries": 2}
    assert run("audit", "verify")[0] == 0


def test_a_consent_is_granted_shown_and_withdrawn(run: Run) -> None:
    assert run("consent", "show", "ada", "--purpose", "chatbot")[0] == 3
    granted = read(run, "consent", "grant", "ada", "--purpose", "chatbot", "--source", "form 7")
    assert (granted["status"], granted["basis"], granted["source"]) == ("granted", "consent", "form 7")
    assert run("consent", "show", granted["subject"], "--purpose", "chatbot")[0] == 0
    assert run("consent", "withdraw", "ada", "--purpose", "chatbot")[0] == 0
    status, text = run("consent", "show", "ada", "--purpose", "chatbot")
    assert status == 3
    assert text.index("granted") < text.index("withdrawn")
    assert run("consent", "show", "ada")[0] == 0
    actions = [entry["action"] for entry in read(run, "audit", "show")["entries"]]
    assert actions == ["consent_granted", "consent_withdrawn"]


def test_another_legal_basis_is_noted_and_one_that_is_none_refused(run: Run) -> None:
    assert read(run, "consent", "grant", "ada", "--purpose", "billing", "--basis", "contract")["basis"] == "contract"
    with pytest.raises(SystemExit, match="2"):
        run("consent", "grant", "ada", "--purpose", "billing", "--basis", "whim")


def test_a_subject_is_erased_and_the_receipt_checked(run: Run, folder: Path) -> None:
    put(folder, 2)
    receipt = read(run, "erase", "ada", "--no-logs")
    assert receipt["status"] == "complete"
    file = folder / "receipts" / f"{receipt['id']}.json"
    assert run("erase", "--check", str(file))[0] == 0
    file.write_text(file.read_text().replace("complete", "partial"))
    assert run("erase", "--check", str(file))[0] == 3
    shown = [entry["record"] for entry in read(run, "audit", "show")["entries"]]
    assert shown == [None, None, {"receipt": receipt["id"], "status": "complete"}]
    assert run("audit", "verify")[0] == 0


def test_an_erasure_that_found_nothing_says_so(run: Run, folder: Path) -> None:
    put(folder, 1)
    assert "Nothing was held of this subject" in run("erase", "ad", "--no-logs")[1]
    assert "Nothing was held of this subject" not in run("erase", "ada", "--no-logs")[1]


@pytest.mark.parametrize(
    "words", [("erase", "ada", "--no-logs"), ("consent", "withdraw", "ada", "--purpose", "chatbot")]
)
def test_under_another_pseudonym_key_nothing_is_done(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv(VARIABLE, "the key of the services")
    put(folder, 1)
    monkeypatch.delenv(VARIABLE)
    status, text = run(*words)
    assert (status, f"set {VARIABLE}" in text) == (1, True)
    assert not (folder / "pseudonym.key").exists()
    monkeypatch.setenv(VARIABLE, "a key of somebody else")
    assert run(*words)[0] == 1
    monkeypatch.setenv(VARIABLE, "the key of the services")
    assert run(*words)[0] == 0


def test_an_erasure_that_fails_in_part_ends_with_3_and_is_retried(run: Run) -> None:
    status, text = run("erase", "ada", "--loki", "http://127.0.0.1:9")
    assert status == 3
    assert "failed   log lines in http://127.0.0.1:9: http://127.0.0.1:9 does not answer" in text
    assert "Run it again: ai-monitoring erase --pending" in text
    (again,) = read(run, "erase", "--pending", "--no-logs")["receipts"]
    assert again["status"] == "complete"
    assert "No erasure is pending." in run("erase", "--pending", "--no-logs")[1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("erase", "subject-" + "a" * 32, "--no-logs"), "is no pseudonym of this key"),
        (("erase", "ada", "--loki", "nowhere"), "'nowhere' is not the address of a log store"),
        (("erase", "--check", "missing.json"), "missing.json is no receipt"),
    ],
)
def test_what_cannot_be_done_is_told(run: Run, words: tuple[str, ...], says: str) -> None:
    status, text = run(*words)
    assert status == 1
    assert says in text


def test_without_a_folder_the_stacks_is_taken_or_the_setting_is_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "compliance_folder", lambda _: tmp_path / "of the stack")
    (tmp_path / "monitoring.yaml").write_text("currency: USD\n")
    status, text = run("audit", "verify")
    assert (status, "monitoring.yaml names no compliance.folder" in text) == (1, True)
    put(tmp_path / "of the stack", 2)
    assert "The log is whole: 2 entries." in run("audit", "verify")[1]
    (tmp_path / "monitoring.yaml").write_text("compliance: {foldr: x}\n")
    status, text = run("audit", "verify")
    assert (status, "did you mean folder?" in text) == (1, True)
