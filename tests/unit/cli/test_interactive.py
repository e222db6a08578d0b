"""`ai-monitoring interactive`: frames, and the real command in a terminal."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from waiting import free_ports

from ai_monitoring.cli import main
from ai_monitoring.cli.prometheus import Sample
from ai_monitoring.cli.readings import PAGES, Reading, Unit
from ai_monitoring.cli.screen import TIMES, Frame
from ai_monitoring.cli.survey import Found

ROOT = Path(__file__).parents[3]


def lines(frame: Frame, width: int = 80, height: int = 24) -> list[str]:
    """What a terminal of that size shows."""
    console = Console(width=width, height=height, color_system=None)
    with console.capture() as captured:
        console.print(frame.drawn(width, height))
    return captured.get().splitlines()


def found(title: str, unit: Unit, *values: float) -> Found:
    samples = [Sample({"model": f"model-{number}"}, value) for number, value in enumerate(values)]
    return Found(Reading(title, title, unit, ""), samples)


def incident(severity: str = "critical", summary: str = "shop is gone") -> dict[str, Any]:
    begin = datetime.now(UTC) - timedelta(hours=2, minutes=5, seconds=5)
    known = {"severity": severity, "status": "open", "acknowledged_by": "", "alert": "ServiceDown", "service": "shop"}
    return {**known, "summary": summary, "started_at": begin.isoformat()}


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 10), (200, 60), (20, 6)])
@pytest.mark.parametrize("page", PAGES)
def test_a_frame_has_the_size_of_the_terminal(width: int, height: int, page: str) -> None:
    full = [found(f"reading {number}", Unit.SHARE, 0.5, 0.2) for number in range(30)]
    frame = Frame(page=page, found=full, incidents=[incident()] * 40, at=datetime.now(UTC), problem="x" * 100)
    shown = lines(frame, width, height)
    assert len(shown) == height
    assert max(map(len, shown)) <= width


def test_what_has_no_room_is_counted() -> None:
    shown = lines(Frame(found=[found("calls", Unit.COUNT, *range(1, 31))]))
    assert shown[3].split() == ["calls", "30", "model-29"]
    assert shown[-3] == "… 12 more: make the window higher"


def test_shares_have_a_bar() -> None:
    shown = lines(Frame(found=[found("failed", Unit.SHARE, 0.25), found("calls", Unit.COUNT)]))
    assert shown[3].split() == ["failed", "25.0", "%", "█████░░░░░░░░░░░░░░░", "model-0"]
    assert shown[4].split() == ["calls", "-"]


def test_pages_and_times_are_turned() -> None:
    frame = Frame(found=[found("calls", Unit.COUNT, 1)])
    assert [frame.turned(steps).page for steps in (0, 1, -1)] == ["technical", "cognitive", "alerts"]
    assert frame.turned(1).found is None
    assert frame.turned(0) is frame
    assert [frame.looks_back(steps).since for steps in (-1, 1)] == [TIMES[0], TIMES[2]]
    assert Frame(since=TIMES[-1]).looks_back(1).since == TIMES[-1]


def test_alerts_and_who_writes_them_cannot_steer_the_terminal() -> None:
    shown = lines(Frame(page="alerts", incidents=[incident(summary="a\x1b[2Jb")]))
    assert shown[3] == "critical    2 h 5 min  open                      ServiceDown a [2Jb"
    assert "1 open" in shown[0]
    assert "Nothing fires." in lines(Frame(page="alerts", incidents=()))
    assert "? open" in lines(Frame(page="alerts"))[0]


@pytest.mark.usefixtures("watch")
@pytest.mark.parametrize(
    ("page", "told"),
    [("technical", "95 of 100 within"), ("finops", "of its budget"), ("devops", "chat"), ("alerts", "ServiceDown")],
)
def test_one_frame(page: str, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    assert main(["interactive", "--once", "--since", "50m", "--page", page]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == 24
    assert shown[0].startswith("ai-monitoring  last 50 min  1 open")
    assert any(line.startswith(told) or told in line for line in shown[3:])


def test_one_frame_says_who_is_silent(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = free_ports(2)
    monkeypatch.setenv("PROMETHEUS_PORT", str(first))
    monkeypatch.setenv("INCIDENTS_PORT", str(second))
    assert main(["interactive", "--once"]) == 1
    assert "Prometheus does not answer." in capsys.readouterr().out


def test_without_a_terminal_it_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["interactive"]) == 1
    assert "interactive needs a terminal.\nPrint one frame: --once." in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--every", "0"], ["--every", "often"], ["--page", "money"], ["--since", "x"]])
def test_a_wrong_command_line(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["interactive", *arguments])


class Terminal:
    """The command in a terminal of 80 by 24."""

    def __init__(self, master: int, process: "subprocess.Popen[bytes]") -> None:
        self.master, self.process = master, process
        self.shown = ""

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def resize(self, width: int, height: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def see(self, text: str, within: float = 30.0) -> None:
        """Wait until it is on the screen, of what came since the last look."""
        seen, deadline = "", time.monotonic() + within
        while text not in seen:
            assert time.monotonic() < deadline, seen
            try:
                seen += os.read(self.master, 65536).decode("utf-8", "replace")
            except OSError:  # the command has ended
                assert text in seen, seen
        self.shown += seen


@contextmanager
def terminal(*arguments: str) -> Iterator[Terminal]:
    master, slave = pty.openpty()
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT / "src")}
    for name in ("COLUMNS", "LINES"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "ai_monitoring.cli", "interactive", "--since", "50m", *arguments]
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment)
    os.close(slave)
    try:
        yield Terminal(master, process)
    finally:
        process.kill()
        process.wait()
        os.close(master)


@pytest.mark.usefixtures("watch")
def test_keys_in_a_terminal() -> None:
    with terminal("--every", "60") as shown:
        shown.see("95 of 100 within")
        assert "\x1b[?1049h" in shown.shown, "the screen is one of its own"
        shown.press("3")
        shown.see("by team")
        shown.press("\t")
        shown.see("memory")
        shown.press("a")
        shown.see("ServiceDown")
        shown.press("\x1b[Z")
        shown.see("personal data sent")
        shown.press("+")
        shown.see("last 6 h")
        shown.resize(60, 12)
        shown.see("5 Compli…")
        shown.press("q")
        shown.see("\x1b[?1049l")
        assert shown.process.wait(10) == 0


@pytest.mark.usefixtures("watch")
def test_a_signal_leaves_the_terminal_as_it_was() -> None:
    with terminal() as shown:
        shown.see("95 of 100 within")
        shown.process.terminate()
        shown.see("\x1b[?1049l")
        assert shown.process.wait(10) == 128 + 15
