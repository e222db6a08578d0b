"""`logs NAME`."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from docker_client import DockerClient

from ai_monitoring.stack.commands import main
from ai_monitoring.stack.settings import Settings

Read = Callable[..., str]


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ai_monitoring.stack.settings.load", lambda: settings)


@pytest.fixture
def logs(settings: Settings) -> Path:
    """The folder of logs, with two in it."""
    folder = settings.runtime / "logs"
    folder.mkdir(parents=True)
    lines = "".join(f"line {number}\n" for number in range(1, 151))
    (folder / "prometheus.log").write_text(lines, encoding="utf-8")
    (folder / "supervisor.log").write_text("started\n", encoding="utf-8")
    (folder.parent / "secret.log").write_text("password\n", encoding="utf-8")
    return folder


@pytest.fixture
def shown(logs: Path, capsys: pytest.CaptureFixture[str]) -> Read:
    def run(*line: str) -> str:
        assert main(["logs", *line]) == 0
        return capsys.readouterr().out

    return run


def test_last_hundred_lines(shown: Read) -> None:
    lines = shown("prometheus").splitlines()
    assert (lines[0], lines[-1], len(lines)) == ("line 51", "line 150", 100)


@pytest.mark.parametrize(("count", "expected"), [(0, 0), (1, 1), (150, 150), (1000, 150)])
def test_as_many_lines_as_asked_for(shown: Read, count: int, expected: int) -> None:
    assert len(shown("prometheus", "-n", str(count)).splitlines()) == expected


def test_no_number_of_lines_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for count in ("-3", "x"):
        with pytest.raises(SystemExit):
            main(["logs", "prometheus", "-n", count])
        assert f"{count!r} is not a number of lines" in capsys.readouterr().err


def test_supervisors_own_log(shown: Read) -> None:
    assert shown("supervisor") == "started\n"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", ""),
        (b"no end", "no end\n"),
        (b"caf\xe9\n", "caf\ufffd\n"),
        (b"\n\n", "\n\n"),
        ("one\u2028line\n".encode(), "one\u2028line\n"),
    ],
)
def test_odd_content(logs: Path, shown: Read, content: bytes, text: str) -> None:
    (logs / "odd.log").write_bytes(content)
    assert shown("odd") == text


def test_json_lines_are_text_for_a_person_and_as_they_are_for_a_program(
    logs: Path, shown: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = '{"time": "2026-11-24T10:00:00.123Z", "level": "INFO", "message": "Ready"}'
    (logs / "django.log").write_text(f"{line}\n", encoding="utf-8")
    assert shown("django") == f"{line}\n"
    monkeypatch.setattr("ai_monitoring.stack.terminal.Terminal.is_alive", True)
    assert shown("django") == "2026-11-24T10:00:00.123Z INFO -: Ready\n"


@pytest.mark.parametrize(
    "name", ["prometeus", "../secret", "../../project/.runtime/logs/prometheus", "/etc/passwd", ""]
)
def test_unknown_name_tells_the_known_ones(logs: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["logs", name]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == f"\nThere is no log of {name!r}.\nThere are: prometheus, supervisor.\n"


def test_no_logs_yet(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["logs", "prometheus"]) == 1
    assert capsys.readouterr().err.endswith("Nothing was started yet: python3 start_monitoring.py\n")


def test_follow_shows_new_lines_whole_and_over_a_rotation(
    logs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = logs / "prometheus.log"

    def append(text: str) -> None:
        with file.open("a", encoding="utf-8") as stream:
            stream.write(text)

    happens: Iterator[Callable[[], object]] = iter(
        [
            lambda: append("new 1\nhal"),
            lambda: None,
            lambda: append("f\n"),
            lambda: file.rename(file.with_suffix(".log.1")),
            lambda: append("rotated\n"),
            lambda: append("after\n"),
        ]
    )
    seen = []

    def sleep(_: float) -> None:
        seen.append(capsys.readouterr().out)
        try:
            next(happens)()
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr("time.sleep", sleep)
    assert main(["logs", "-f", "-n", "1", "prometheus"]) == 130
    assert seen == ["line 150\n", "new 1\n", "", "half\n", "", "rotated\n", "after\n"]


def test_reader_that_has_seen_enough(front_door: Path, root: Path) -> None:
    folder = root / ".runtime" / "logs"
    folder.mkdir(parents=True)
    (folder / "big.log").write_text(("x" * 80 + "\n") * 10_000, encoding="utf-8")
    command = [sys.executable, "-I", "-S", "-B", str(front_door), "logs", "big", "-n", "10000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


def test_containers_log(
    docker: DockerClient, container: Callable[..., dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    docker.runs(container("loki"))
    docker.answers("compose * logs --no-log-prefix --tail 7 loki", "level=info msg=ready")
    assert main(["logs", "-n", "7", "loki"]) == 0
    assert capsys.readouterr().out == "level=info msg=ready\n"
    assert main(["logs", "supervisor"]) == 1
    assert capsys.readouterr().err == "\nThere is no log of 'supervisor'.\nThere are: loki.\n"
