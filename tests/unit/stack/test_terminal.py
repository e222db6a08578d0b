import io
import os
import pty
import re
from collections.abc import Iterator

import pytest

from ai_monitoring.stack import terminal as module
from ai_monitoring.stack.terminal import Terminal, table


class Window:
    """A terminal: print on `stream`, read what a person would see."""

    def __init__(self) -> None:
        self._own, other = pty.openpty()
        self.stream = os.fdopen(other, "w")

    def until(self, text: str) -> str:
        """All that is shown up to and with `text`."""
        shown = ""
        while text not in shown:
            shown += os.read(self._own, 1024).decode()
        return shown

    def close(self) -> None:
        self.stream.close()
        os.close(self._own)


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    opened = Window()
    yield opened
    opened.close()


def untimed(text: str) -> str:
    return re.sub(r"[\d.]+ s", "N s", text)


def test_step_in_a_log_file_is_one_plain_line() -> None:
    output = io.StringIO()
    with Terminal(output).step("Programs") as step:
        step.detail = "Prometheus 2.42"
    assert untimed(output.getvalue()) == "  ok      Programs: Prometheus 2.42 (N s)\n"


def test_failed_step_says_so_and_passes_the_error_on() -> None:
    output = io.StringIO()
    with pytest.raises(KeyError), Terminal(output).step("Programs"):
        raise KeyError
    assert untimed(output.getvalue()) == "  failed  Programs (N s)\n"


def test_slow_step_in_a_log_file_gives_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PLAIN_REMINDER_SECONDS", 0.001)
    output = io.StringIO()
    with Terminal(output).step("Installing"):
        while "\n" not in output.getvalue():
            pass
    lines = untimed(output.getvalue()).splitlines()
    assert lines[0] == "  ...     Installing, N s so far"
    assert lines[-1] == "  ok      Installing (N s)"


def test_no_escape_codes_in_a_log_file() -> None:
    terminal = Terminal(io.StringIO())
    assert [paint("x") for paint in (terminal.good, terminal.warning, terminal.bad, terminal.bold)] == ["x"] * 4


def test_step_on_a_terminal_is_alive(window: Window) -> None:
    terminal = Terminal(window.stream)
    with terminal.step("Programs"):
        assert untimed(window.until(" s")) == "\r\x1b[2K  /       Programs N s"
    assert "\r\x1b[2K  \x1b[32mok    \x1b[0m  Programs (" in window.until("\n")


def test_colours_on_a_terminal(window: Window) -> None:
    terminal = Terminal(window.stream)
    terminal.line(terminal.good("a") + terminal.warning("b") + terminal.bad("c") + terminal.bold("d"))
    assert window.until("\n") == "\x1b[32ma\x1b[0m\x1b[33mb\x1b[0m\x1b[31mc\x1b[0m\x1b[1md\x1b[0m\r\n"


def test_no_color_keeps_the_terminal_uncoloured(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    with Terminal(window.stream).step("Programs"):
        pass
    assert untimed(window.until("\n")) == "\r\x1b[2K  ok      Programs (N s)\r\n"


def test_dumb_terminal_gets_plain_lines(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    with Terminal(window.stream).step("Programs"):
        pass
    assert untimed(window.until("\n")) == "  ok      Programs (N s)\r\n"


def test_table_aligns_all_columns_but_the_last() -> None:
    rows = [["Name", "Port", "State"], ["Prometheus", "9090", "\x1b[32mhealthy\x1b[0m"], ["a", "", "b"]]
    assert table(rows) == [
        "  Name        Port  State",
        "  Prometheus  9090  \x1b[32mhealthy\x1b[0m",
        "  a                 b",
    ]


def test_table_of_nothing() -> None:
    assert table([]) == []
    assert table([["a", ""]]) == ["  a"]
