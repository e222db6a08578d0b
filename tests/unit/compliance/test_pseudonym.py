import stat
from pathlib import Path

import pytest

from ai_monitoring.compliance.pseudonym import FILE, FILE_VARIABLE, VARIABLE, Pseudonyms, is_pseudonym
from ai_monitoring.telemetry.redaction import redact


@pytest.fixture(autouse=True)
def without_a_named_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.delenv(FILE_VARIABLE, raising=False)


def test_a_user_has_one_pseudonym_that_says_nothing() -> None:
    pseudonyms = Pseudonyms(b"k" * 32)
    ada = pseudonyms.of("ada@example.org")
    assert ada == pseudonyms.of("ada@example.org") == "subject-" + ada[8:]
    assert is_pseudonym(ada)
    assert ada != pseudonyms.of("bob@example.org")
    assert ada != Pseudonyms(b"l" * 32).of("ada@example.org")


def test_a_pseudonym_is_its_own_and_nobody_can_make_one() -> None:
    pseudonyms = Pseudonyms(b"k" * 32)
    ada = pseudonyms.of("ada")
    assert pseudonyms.of(ada) == ada
    forged = ada[:-1] + ("a" if ada[-1] != "a" else "b")
    assert not pseudonyms.knows(forged)
    assert pseudonyms.of(forged) not in (ada, forged)
    assert not Pseudonyms(b"l" * 32).knows(ada)


@pytest.mark.parametrize("user", ["é", "\ud800", "x" * 100_000, " ", "subject-", "subject-" + "z" * 32])
def test_any_text_has_one(user: str) -> None:
    assert is_pseudonym(Pseudonyms(b"k" * 32).of(user))


def test_redaction_leaves_pseudonyms_as_they_are() -> None:
    pseudonyms = Pseudonyms(b"k" * 32)
    for number in range(200):
        text = f"asked by {pseudonyms.of(str(number))} today"
        assert redact(text) == text


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    ada = Pseudonyms.load(tmp_path / "c").of("ada")
    assert Pseudonyms.load(tmp_path / "c").of("ada") == ada
    assert stat.S_IMODE((tmp_path / "c" / FILE).stat().st_mode) == 0o600


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    Pseudonyms.load(tmp_path)
    (tmp_path / FILE).chmod(0o640)
    with pytest.raises(OSError, match="can be read by others: chmod 600"):
        Pseudonyms.load(tmp_path)


def test_the_environment_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "k" * 32)
    assert Pseudonyms.load(tmp_path).of("ada") == Pseudonyms(b"k" * 32).of("ada")
    assert list(tmp_path.iterdir()) == []
    key = tmp_path / "elsewhere" / "key"
    monkeypatch.setenv(FILE_VARIABLE, str(key))
    Pseudonyms.load(tmp_path)
    assert not key.exists()
    monkeypatch.setenv(VARIABLE, "short")
    with pytest.raises(ValueError, match="at least 16 bytes, this one has 5"):
        Pseudonyms.load()


def test_without_a_place_the_key_ends_with_the_process() -> None:
    assert Pseudonyms.load().of("ada") != Pseudonyms.load().of("ada")


def test_a_file_of_another_name_goes_before_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = tmp_path / "key"
    key.write_text("k" * 32 + "\n")
    key.chmod(0o600)
    monkeypatch.setenv(FILE_VARIABLE, str(key))
    assert Pseudonyms.load(tmp_path / "c").of("ada") == Pseudonyms(b"k" * 32).of("ada")
    assert not (tmp_path / "c").exists()
