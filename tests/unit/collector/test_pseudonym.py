"""A user's pseudonym: the same as long as the key is, and of no use without it."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from ai_monitoring.collector import pseudonym as module
from ai_monitoring.collector.pseudonym import pseudonym


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.delenv("AI_MONITORING_PSEUDONYM_KEY", raising=False)
    monkeypatch.delenv("AI_MONITORING_PSEUDONYM_KEY_FILE", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    module._key.cache_clear()
    yield tmp_path
    module._key.cache_clear()


def restarted() -> None:
    module._key.cache_clear()


def test_a_key_is_made_once_for_its_owner_alone(state: Path) -> None:
    first = pseudonym("ada")
    restarted()
    assert pseudonym("ada") == first != pseudonym("grace")
    (file,) = (state / "ai-monitoring").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    file.unlink()
    restarted()
    assert pseudonym("ada") != first


def test_the_environment_names_the_key_or_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AI_MONITORING_PSEUDONYM_KEY", "k" * 100)
    first = pseudonym("ada")
    restarted()
    file = tmp_path / "folder" / "key"
    monkeypatch.setenv("AI_MONITORING_PSEUDONYM_KEY_FILE", str(file))
    monkeypatch.delenv("AI_MONITORING_PSEUDONYM_KEY")
    assert pseudonym("ada") != first
    assert file.exists()


def test_without_a_file_the_key_lasts_as_long_as_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("AI_MONITORING_PSEUDONYM_KEY_FILE", str(tmp_path / "file" / "key"))
    with caplog.at_level(logging.WARNING):
        assert pseudonym("ada") == pseudonym("ada")
    assert "will change with the next start" in caplog.text


def test_a_key_that_can_be_guessed_is_not_used(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AI_MONITORING_PSEUDONYM_KEY", "short")
    pseudonym("ada")
    assert "fewer than 16 characters" in caplog.text
    assert "short" not in caplog.text
