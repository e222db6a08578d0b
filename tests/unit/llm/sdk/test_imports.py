import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from ai_monitoring.llm.imports import is_installed, when_imported

NAME = "made_up_sdk"


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    file = tmp_path / f"{NAME}.py"
    file.write_text("ready = True\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield file
    sys.modules.pop(NAME, None)


def test_it_waits_for_the_import_and_sees_the_module_complete() -> None:
    seen: list[bool] = []
    finders = list(sys.meta_path)
    when_imported(NAME, lambda module: seen.append(module.ready))
    assert (NAME in sys.modules, seen) == (False, [])
    module = importlib.import_module(NAME)
    assert seen == [True]
    assert sys.meta_path == finders
    assert module.__spec__ is not None
    assert "exec_module" not in vars(module.__spec__.loader)
    importlib.reload(module)
    assert seen == [True]


def test_a_module_that_is_there_is_seen_at_once() -> None:
    seen: list[ModuleType] = []
    module = importlib.import_module(NAME)
    when_imported(NAME, seen.append)()
    assert seen == [module]


def test_called_off() -> None:
    seen: list[ModuleType] = []
    cancel = when_imported(NAME, seen.append)
    cancel()
    cancel()
    importlib.import_module(NAME)
    assert seen == []


def test_an_import_that_fails_fails_as_it_would_and_may_be_tried_again(file: Path) -> None:
    seen: list[ModuleType] = []
    when_imported(NAME, seen.append)
    file.write_text("raise KeyError('its own')\n", encoding="utf-8")
    with pytest.raises(KeyError, match="its own"):
        importlib.import_module(NAME)
    assert seen == []
    file.write_text("ready = 'after all'\n", encoding="utf-8")
    importlib.invalidate_caches()
    assert [importlib.import_module(NAME)] == seen


def test_a_module_that_is_missing_stays_missing() -> None:
    cancel = when_imported("made_up_and_missing", lambda module: None)
    with pytest.raises(ModuleNotFoundError, match="made_up_and_missing"):
        importlib.import_module("made_up_and_missing")
    cancel()


def test_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_installed(NAME)
    assert not is_installed("made_up_and_missing")
    monkeypatch.setitem(sys.modules, "made_by_hand", ModuleType("made_by_hand"))
    assert is_installed("made_by_hand")
    monkeypatch.setitem(sys.modules, "switched_off", None)
    assert not is_installed("switched_off")
