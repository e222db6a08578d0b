"""What answers of the Anthropic SDK tell: messages."""

from typing import Any

from ai_monitoring.llm.outcome import Status
from ai_monitoring.llm.reading import Reading, count, field, items
from ai_monitoring.llm.usage import Usage

_DELTAS = ("text", "partial_json", "thinking")


class MessagesReading(Reading):
    """https://docs.claude.com/en/api/messages and its streaming events.

    `input_tokens` are those that came neither from a cache nor went into one, so the three are added up.
    """

    __slots__ = ()

    def whole(self, answer: Any) -> None:
        self.complete = True
        self.answered_by(answer)
        self._stopped(answer)
        self.usage = _usage(field(answer, "usage"), None)
        for block in items(answer, "content"):
            self.add(field(block, "text"))

    def chunk(self, chunk: Any) -> bool:
        match field(chunk, "type"):
            case "content_block_delta":
                delta = field(chunk, "delta")
                return any(self.add(field(delta, name)) for name in _DELTAS)
            case "message_start":
                message = field(chunk, "message")
                self.answered_by(message)
                self.begun = _usage(field(message, "usage"), None)
            case "message_delta":
                self.complete = True
                self._stopped(field(chunk, "delta"))
                self.usage = _usage(field(chunk, "usage"), self.begun)
        return False

    def _stopped(self, value: Any) -> None:
        if field(value, "stop_reason") == "refusal":
            self.status = Status.CONTENT_FILTER


def _usage(told: Any, begun: Usage | None) -> Usage | None:
    """The counts at the end of a stream are totals; those of the input may be told at its beginning alone."""
    output_tokens = count(told, "output_tokens")
    read, written = count(told, "cache_read_input_tokens"), count(told, "cache_creation_input_tokens")
    fresh = count(told, "input_tokens")
    if begun is not None:
        read = begun.cache_read_tokens if read is None else read
        written = begun.cache_write_tokens if written is None else written
        fresh = begun.input_tokens - begun.cache_read_tokens - begun.cache_write_tokens if fresh is None else fresh
    if output_tokens is None or fresh is None:
        return None
    return Usage(
        input_tokens=fresh + (read or 0) + (written or 0),
        output_tokens=output_tokens,
        cache_read_tokens=read or 0,
        cache_write_tokens=written or 0,
        reasoning_tokens=count(field(told, "output_tokens_details"), "thinking_tokens") or 0,
        caching_told=read is not None,
    )


OPERATIONS: dict[str, tuple[str, type[Reading]]] = {"/v1/messages": ("messages", MessagesReading)}
"""The operation that a POST to a path is, and how its answer is read."""
