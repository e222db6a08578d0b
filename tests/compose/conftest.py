"""One stack for all tests of this folder: the launcher's, on a real engine, with what can be had."""

from collections.abc import Iterator

import pytest
from compose_stack import ComposeStack, compose_stack
from engine import engine

NOTES: list[str] = []
"""What a reader must know of this run, told in the end."""


@pytest.fixture(scope="session")
def docker() -> Iterator[str]:
    """An engine that answers; what it is, in words."""
    with engine() as found:
        NOTES.append(f"Engine: {found}")
        yield found


@pytest.fixture(scope="session")
def stack(docker: str) -> Iterator[ComposeStack]:
    with compose_stack() as copy:
        NOTES.extend(f"Left out: {name} ({reason})" for name, reason in copy.left_out.items())
        yield copy


@pytest.fixture(scope="session")
def note() -> list[str]:
    return NOTES


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("the Compose stack")
    for line in NOTES:
        terminalreporter.write_line(line)
