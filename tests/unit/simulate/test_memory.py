"""Memory pressure: what it refuses, and that it holds and gives back what it should. No test takes much."""

from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from ai_monitoring.simulate import memory
from ai_monitoring.simulate.stage import Stage
from ai_monitoring.stack import http
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.settings import load

GIB = 2**30


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Stage:
    answer = {"data": {"result": [{"value": [0, "0.85"]}]}}
    monkeypatch.setattr(http, "get_json", lambda *_, **__: answer)
    monkeypatch.setattr(memory, "_CGROUP_LIMITS", ("/nowhere",))
    return Stage(load(tmp_path, {}), SimpleNamespace(), 60.0)


def machine(monkeypatch: pytest.MonkeyPatch, total: float, available: float) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=total, available=available))


def enter(stage: Stage) -> None:
    with memory.memory_pressure(stage):
        pytest.fail("It was not refused")


def test_a_small_machine_is_left_alone(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, 4 * GIB, 3 * GIB)
    with pytest.raises(StackError, match="At 87% in use this machine would have 532 MiB left"):
        enter(stage)


def test_a_session_with_a_limit_is_not_driven_into_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    machine(monkeypatch, 16 * GIB, 12 * GIB)
    limit = tmp_path / "memory.max"
    limit.write_text(str(8 * GIB))
    monkeypatch.setattr(memory, "_CGROUP_LIMITS", (str(limit),))
    with pytest.raises(StackError, match=r"this session may have 8\.0"):
        enter(stage)


def test_no_threshold_no_pressure(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "get_json", lambda *_, **__: {"data": {"result": []}})
    with pytest.raises(StackError, match="does not tell threshold:host_memory_used_ratio"):
        enter(stage)


def test_it_takes_what_is_left_over_and_gives_back_what_others_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "BLOCK", 4096)
    blocks: list[bytearray] = []
    while memory.adapt(blocks, (100 - len(blocks)) * 4096.0):
        pass
    assert len(blocks) == 99
    assert set(blocks[0]) == {1}  # written to, and so really taken
    assert not memory.adapt(blocks, -50 * 4096.0)
    assert len(blocks) == 49
    assert not memory.adapt(blocks, -1000 * 4096.0)
    assert blocks == []
