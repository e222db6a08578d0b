"""`drop`, `keep` and `decolorize`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ai_monitoring.embedded.logql.matching import Matcher
from ai_monitoring.embedded.logql.stages.stage import DETAILS, ERROR, Entry

_COLOUR = re.compile(
    "[\u001b\u009b][\\[\\]()#;?]*(?:(?:(?:[a-zA-Z\\d]*(?:;[a-zA-Z\\d]*)*)?\u0007)"
    "|(?:(?:\\d{1,4}(?:;\\d{0,4})*)?[\\dA-PRZcf-ntqry=><~]))",
    re.ASCII,
)
Choice = str | Matcher
"""A label's name, or the name with what its value must be."""


@dataclass(frozen=True)
class Drop:
    """`| drop a, b="x"`."""

    choices: tuple[Choice, ...]

    def process(self, entry: Entry) -> bool:
        for choice in self.choices:
            name = choice if isinstance(choice, str) else choice.name
            if isinstance(choice, Matcher) and not choice.matches(_value(entry, name)):
                continue
            if name == ERROR:
                entry.error = ""
            elif name == DETAILS:
                entry.details = ""
            else:
                entry.delete(name)
        return True

    def needs(self) -> Iterable[str]:
        return ()


@dataclass(frozen=True)
class Keep:
    """`| keep a, b="x"`: all other labels go."""

    choices: tuple[Choice, ...]

    def process(self, entry: Entry) -> bool:
        for name in (*entry.stream_labels(), *entry.metadata, *entry.parsed):
            if not any(self._keeps(choice, name, entry) for choice in self.choices):
                entry.delete(name)
        return True

    def _keeps(self, choice: Choice, name: str, entry: Entry) -> bool:
        if isinstance(choice, str):
            return choice == name
        return choice.name == name and choice.matches(_value(entry, name))

    def needs(self) -> Iterable[str]:
        return ()


class Decolorize:
    """`| decolorize`: takes a terminal's colours out of the line."""

    def process(self, entry: Entry) -> bool:
        entry.line = _COLOUR.sub("", entry.line)
        return True

    def needs(self) -> Iterable[str]:
        return ()


def _value(entry: Entry, name: str) -> str:
    if name == ERROR:
        return entry.error
    return entry.details if name == DETAILS else entry.get(name) or ""
