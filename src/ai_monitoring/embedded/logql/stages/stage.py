"""A line on its way through a pipeline, and what each stage is."""

from collections.abc import Iterable, Mapping
from typing import Protocol

ERROR = "__error__"
DETAILS = "__error_details__"
EXTRACTED = "_extracted"


class Hints:
    """Which labels a metric query needs from its parsers. Without `required`, all; with `nothing`, none.

    As in Loki this is more than speed: a line that no one needs to parse cannot fail to be parsed.
    """

    def __init__(self, required: Iterable[str] = (), *, nothing: bool = False) -> None:
        self.required = frozenset(_with_and_without_suffix(required))
        self._nothing = nothing
        self.keeps_errors = ERROR in self.required
        """Whether the query asks for errors of parsers, so that they do not end it."""

    def wants(self, name: str) -> bool:
        return not self.required or name in self.required

    def wants_below(self, prefix: str) -> bool:
        """Whether a nested object under this name may hold a wanted label."""
        return not self.required or any(name.startswith(prefix) for name in self.required)

    def satisfied(self, parsed: Mapping[str, str]) -> bool:
        """Whether nothing needs to be parsed (any more)."""
        return self._nothing or (bool(self.required) and self.required <= parsed.keys())


def _with_and_without_suffix(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        yield name
        yield name.removesuffix(EXTRACTED)


EVERYTHING = Hints()


class Entry:
    """A line with its labels: the stream's, its structured metadata, and what has been parsed from it."""

    __slots__ = ("details", "error", "hidden", "hints", "line", "metadata", "parsed", "stream", "time")

    def __init__(
        self, time: int, line: str, stream: Mapping[str, str], metadata: dict[str, str], hints: Hints = EVERYTHING
    ) -> None:
        """`metadata` becomes the entry's own. A name that the stream has too gets a suffix."""
        self.time = time
        self.line = line
        self.stream = stream
        self.hints = hints
        self.parsed: dict[str, str] = {}
        self.hidden: set[str] = set()
        self.error = ""
        self.details = ""
        if not metadata.keys().isdisjoint(stream.keys()):
            metadata = {name + EXTRACTED if name in stream else name: text for name, text in metadata.items()}
        self.metadata = metadata

    def get(self, name: str) -> str | None:
        """The label's value, None where it has none. What was parsed goes before metadata, that before the stream."""
        if name in self.parsed:
            return self.parsed[name]
        if name in self.metadata:
            return self.metadata[name]
        return None if name in self.hidden else self.stream.get(name)

    def set(self, name: str, value: str) -> None:
        self.metadata.pop(name, None)
        self.parsed[name] = value

    def free(self, name: str) -> str:
        """The name under which a parsed label goes: with a suffix where the stream or the metadata has it."""
        return name + EXTRACTED if name in self.stream or name in self.metadata else name

    def extract(self, name: str, value: str) -> None:
        """Set a label that a parser found, unless it is not wanted or has been found before."""
        name = self.free(name)
        if name not in self.parsed and self.hints.wants(name):
            self.set(name, value)

    def delete(self, name: str) -> None:
        self.parsed.pop(name, None)
        self.metadata.pop(name, None)
        self.hidden.add(name)

    def fail(self, error: str, details: str = "") -> None:
        self.error = error
        self.details = details

    def stream_labels(self) -> dict[str, str]:
        """What is left of the stream's labels."""
        parts = (self.hidden, self.metadata, self.parsed)
        return {name: value for name, value in self.stream.items() if not any(name in part for part in parts)}

    def parsed_labels(self) -> dict[str, str]:
        """What was parsed, and what went wrong."""
        found = dict(self.parsed)
        if self.error:
            found[ERROR] = self.error
        if self.details:
            found[DETAILS] = self.details
        return found

    def labels(self) -> dict[str, str]:
        """All labels."""
        return {**self.stream_labels(), **self.metadata, **self.parsed_labels()}


class Stage(Protocol):
    """One stage of a pipeline."""

    def process(self, entry: Entry) -> bool:
        """Change the entry. Returns whether the line stays."""

    def needs(self) -> Iterable[str]:
        """The labels that it reads."""
