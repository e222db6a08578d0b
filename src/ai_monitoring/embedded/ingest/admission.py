"""Which entries become lines: Loki's checks, in Loki's words, each naming its limit."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from ai_monitoring.embedded.ingest import label_sets, levels
from ai_monitoring.embedded.ingest.entries import Entry, Stream
from ai_monitoring.embedded.ingest.limits import IngestLimits
from ai_monitoring.embedded.ingest.names import sanitised
from ai_monitoring.embedded.ingest.refusals import Rejections
from ai_monitoring.embedded.store.records import Labels, Line
from ai_monitoring.embedded.store.roster import Roster


class Admission:
    """One request's. `now` in nanoseconds since 1970; `rejections` has what was not admitted."""

    def __init__(self, limits: IngestLimits, roster: Roster, now: int) -> None:
        self.rejections = Rejections()
        self._limits, self._roster = limits, roster
        self._oldest, self._newest = now - limits.age_ns, now + limits.ahead_ns

    def lines(self, streams: Iterable[Stream]) -> list[Line]:
        """The lines to store. Raises Refused for a name of metadata that cannot be one."""
        return [line for stream in streams if stream.entries and self._known(stream) for line in self._of(stream)]

    def _known(self, stream: Stream) -> bool:
        if problem := self._of_labels(stream.labels):
            self.rejections.add(*problem, len(stream.entries))
            return False
        if not self._roster.admit(stream.labels):
            self.rejections.status = 429
            text = (
                f"maximum active stream limit of {self._roster.limit} exceeded when trying to create stream"
                f" {label_sets.write(stream.labels)}, reduce the number of active streams (reduce labels or reduce"
                " label values)"
            )
            self.rejections.add("stream_limit", text, len(stream.entries))
            return False
        return True

    def _of_labels(self, labels: Labels) -> tuple[str, str] | None:
        limits = self._limits
        count = sum(name != "service_name" for name, _ in labels)
        if count > limits.label_names:
            text = f"entry for stream '{_shown(labels)}' has {count} label names; limit {limits.label_names}"
            return "max_label_names_per_series", text
        for name, value in labels:
            if len(name) > limits.label_name_bytes:
                text = f"stream '{_shown(labels)}' has label name too long: limit {limits.label_name_bytes} bytes"
                return "label_name_too_long", text
            if len(value.encode()) > limits.label_value_bytes:
                text = f"stream '{_shown(labels)}' has label value too long, of '{name}': limit"
                return "label_value_too_long", f"{text} {limits.label_value_bytes} bytes"
        return None

    def _of(self, stream: Stream) -> Iterator[Line]:
        labels = stream.labels
        of_stream = levels.named(dict(labels))
        for entry in stream.entries:
            time, text, metadata = entry
            if not self._oldest <= time <= self._newest or (metadata and self._too_much(metadata)):
                self.rejections.add(*self._problem(labels, entry))
                continue
            text = self._cut(text)
            if metadata:
                yield _with_metadata(labels, time, text, of_stream, metadata)
            else:
                yield Line(labels, time, text, levels.detected(text, metadata) if of_stream is None else of_stream)

    def _too_much(self, metadata: Mapping[str, str]) -> bool:
        return len(metadata) > self._limits.metadata_names or _size(metadata) > self._limits.metadata_bytes

    def _problem(self, labels: Labels, entry: Entry) -> tuple[str, str]:
        shown, limits = _shown(labels), self._limits
        if entry.time < self._oldest:
            text = f"entry for stream '{shown}' has timestamp too old: {_moment(entry.time)}, oldest acceptable"
            return "greater_than_max_sample_age", f"{text} timestamp is: {_moment(self._oldest)}"
        if entry.time > self._newest:
            text = f"entry for stream '{shown}' has timestamp too new: {_moment(entry.time)}, newest acceptable"
            return "too_far_in_future", f"{text} timestamp is: {_moment(self._newest)}"
        if (size := _size(entry.metadata)) > limits.metadata_bytes:
            text = f"stream '{shown}' has structured metadata too large: '{size}' bytes, limit:"
            return "structured_metadata_too_large", f"{text} '{limits.metadata_bytes}' bytes"
        text = f"stream '{shown}' has too many structured metadata labels: '{len(entry.metadata)}', limit:"
        return "structured_metadata_too_many", f"{text} '{limits.metadata_names}'"

    def _cut(self, text: str) -> str:
        limit = self._limits.line_bytes
        if len(text) <= limit // 4 or len(encoded := text.encode()) <= limit:
            return text
        return encoded[:limit].decode(errors="replace")


def _with_metadata(labels: Labels, time: int, text: str, level: str | None, metadata: Mapping[str, str]) -> Line:
    cleaned = _cleaned(metadata)
    known = cleaned.pop("detected_level", None)
    if known is not None:
        level = levels.normal(known)
    elif level is None:
        level = levels.detected(text, cleaned)
    return Line(labels, time, text, level, tuple(sorted(pair for pair in cleaned.items() if pair[1])))


def _cleaned(metadata: Mapping[str, str]) -> dict[str, str]:
    return {sanitised(name): value.replace("\ufffd", " ") for name, value in metadata.items()}


def _size(metadata: Mapping[str, str]) -> int:
    return sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items())


def _shown(labels: Labels) -> str:
    return label_sets.write(labels)[:500]


def _moment(nanoseconds: int) -> str:
    """As RFC 3339 writes it, as far as years go."""
    seconds = min(max(nanoseconds // 10**9, -62_135_596_800), 253_402_300_799)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
