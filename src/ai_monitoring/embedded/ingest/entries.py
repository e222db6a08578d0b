"""What a push brings, before it is checked: streams, and the entries of each."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ai_monitoring.embedded.store.records import Labels


class Entry(NamedTuple):
    """A line as it was sent; `time` in nanoseconds since 1970, of any size."""

    time: int
    text: str
    metadata: Mapping[str, str] = {}


class Stream(NamedTuple):
    """Entries of the same labels, `service_name` among them."""

    labels: Labels
    entries: Sequence[Entry]
