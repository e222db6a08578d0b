from collections.abc import Callable
from pathlib import Path

import pytest

from ai_monitoring.stack import engine
from ai_monitoring.stack.errors import StackError

Fake = Callable[[str, str], Path]

CLIENT_ALONE = "echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.' >&2; exit 1"
ENGINE = '[ "$*" = "version --format {{.Server.Version}}" ] && echo 28.3.1'


def test_no_docker(path: Path) -> None:
    assert not engine.docker_answers()
    assert engine.choose("auto") == "no Docker engine answers"


@pytest.mark.parametrize("script", [CLIENT_ALONE, "exit 0", "echo"])
def test_client_without_an_engine_is_not_an_engine(fake: Fake, script: str) -> None:
    fake("docker", script)
    assert engine.choose("auto") == "no Docker engine answers"


def test_engine_that_hangs_is_not_one(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "ANSWERS_WITHIN", 0.2)
    fake("docker", "exec sleep 30")
    assert not engine.docker_answers()


def test_client_that_cannot_be_run_is_not_an_engine(fake: Fake) -> None:
    fake("docker", "").write_bytes(b"\x7fELF not really")
    assert not engine.docker_answers()


def test_engine_that_answers(fake: Fake) -> None:
    fake("docker", ENGINE)
    assert engine.docker_answers()
    assert engine.choose("auto") == "this version has no Compose stack yet"


def test_local_asks_no_docker(fake: Fake, tmp_path: Path) -> None:
    fake("docker", f"touch {tmp_path}/asked")
    assert engine.choose("local") == "as asked for"
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize(
    ("script", "reason"),
    [(CLIENT_ALONE, "no Docker engine answers"), (ENGINE, "this version has no Compose stack yet")],
)
def test_docker_asked_for_is_refused_with_the_reason(fake: Fake, script: str, reason: str) -> None:
    fake("docker", script)
    with pytest.raises(StackError) as caught:
        engine.choose("docker")
    assert caught.value.problem == f"The Docker engine cannot be used: {reason}."
    assert "--engine docker" in caught.value.remedy
