"""A trace as a whole: its spans and how they hang together."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from ai_monitoring.embedded.store.records import Span


class Trace:
    """Spans of one trace, at least one, earliest first. Times in nanoseconds since 1970."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self.spans = sorted(spans, key=lambda span: (span.begin, -span.end, span.span_id))
        self.trace_id = self.spans[0].trace_id
        self.begin = self.spans[0].begin
        self.end = max(self.begin, *(span.end for span in self.spans))

    @property
    def duration(self) -> int:
        return self.end - self.begin

    @cached_property
    def root(self) -> Span | None:
        """The span without a parent; None while it has not arrived."""
        return next((span for span in self.spans if not span.parent_id), None)

    @cached_property
    def by_id(self) -> Mapping[str, Span]:
        return {span.span_id: span for span in self.spans}

    @cached_property
    def children(self) -> Mapping[str, Sequence[Span]]:
        """A span's children, by its identifier, where it has any."""
        found = defaultdict(list)
        for span in self.spans:
            found[span.parent_id].append(span)
        return dict(found)
