"""What answers of the OpenAI SDK tell: chat completions, responses, embeddings, completions."""

from typing import Any

from ai_monitoring.llm.error_kinds import status_of_body
from ai_monitoring.llm.outcome import Status
from ai_monitoring.llm.reading import Reading, count, field, items
from ai_monitoring.llm.usage import Usage


class ChatReading(Reading):
    """https://platform.openai.com/docs/api-reference/chat, and the older completions, whose choices hold a text."""

    __slots__ = ()

    def whole(self, answer: Any) -> None:
        self.complete = True
        self._take(answer, "message")

    def chunk(self, chunk: Any) -> bool:
        # Nearly all chunks hold one piece of text and nothing else; a thorough look at each would add up.
        try:
            choice = chunk.choices[0]
            content = choice.delta.content
            plain = choice.finish_reason is None and chunk.usage is None and len(chunk.choices) == 1
        except (AttributeError, IndexError, TypeError):
            plain = False
        if plain and self.model is not None:
            return self.add(content) or self._take(chunk, "delta")
        return self._take(chunk, "delta")

    def _take(self, value: Any, part: str) -> bool:
        self.answered_by(value)
        told = field(value, "usage")
        if told is not None:
            self.usage = _usage(told, "prompt_tokens", "completion_tokens")
        came = [self._choice(choice, field(choice, part)) for choice in items(value, "choices")]
        return any(came)

    def _choice(self, choice: Any, part: Any) -> bool:
        finish = field(choice, "finish_reason")
        if finish is not None:
            self.complete = True
            if finish == "content_filter":
                self.status = Status.CONTENT_FILTER
        if part is None:
            return self.add(field(choice, "text"))
        # Reasoning has two names, as DeepSeek, vLLM and OpenRouter send it.
        names = ("content", "refusal", "reasoning_content", "reasoning")
        said = any(self.add(field(part, name)) for name in names)
        called = [self._call(field(call, "function")) for call in items(part, "tool_calls")]
        return said or any(called)

    def _call(self, function: Any) -> bool:
        return any([self.add(field(function, "name")), self.add(field(function, "arguments"))])


class ResponsesReading(Reading):
    """https://platform.openai.com/docs/api-reference/responses and its streaming events."""

    __slots__ = ()

    def whole(self, answer: Any) -> None:
        self.complete = True
        self._response(answer)
        self._text(answer)

    def chunk(self, chunk: Any) -> bool:
        kind = field(chunk, "type")
        if not isinstance(kind, str):
            return False
        if kind.endswith(".delta"):
            return self.add(field(chunk, "delta"))
        if kind in ("response.completed", "response.incomplete", "response.failed"):
            self.complete = True
            self._response(field(chunk, "response"))
        elif kind == "response.created":
            self.answered_by(field(chunk, "response"))
        elif kind == "error":
            self._failed(chunk)
        return False

    def _response(self, response: Any) -> None:
        self.answered_by(response)
        self.usage = _usage(field(response, "usage"), "input_tokens", "output_tokens")
        if field(response, "status") == "failed":
            self._failed(field(response, "error"))
        elif field(field(response, "incomplete_details"), "reason") == "content_filter":
            self.status = Status.CONTENT_FILTER

    def _failed(self, error: Any) -> None:
        """The stream ends here, as an event and without an exception."""
        self.complete = True
        self.status = status_of_body(error) or Status.ERROR

    def _text(self, response: Any) -> None:
        for item in items(response, "output"):
            self.add(field(item, "arguments"))
            for part in items(item, "content"):
                self.add(field(part, "text"))


class EmbeddingsReading(Reading):
    """https://platform.openai.com/docs/api-reference/embeddings: input alone is counted."""

    __slots__ = ()

    def whole(self, answer: Any) -> None:
        self.complete = True
        self.answered_by(answer)
        tokens = count(field(answer, "usage"), "prompt_tokens")
        self.usage = None if tokens is None else Usage(input_tokens=tokens)

    def chunk(self, chunk: Any) -> bool:
        return False


def _usage(told: Any, input_name: str, output_name: str) -> Usage | None:
    """The details are named after the counts, `prompt_tokens_details` for one; they may be missing."""
    input_tokens, output_tokens = count(told, input_name), count(told, output_name)
    if input_tokens is None or output_tokens is None:
        return None
    read, written = field(told, f"{input_name}_details"), field(told, f"{output_name}_details")
    return Usage(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cache_read_tokens=count(read, "cached_tokens") or 0,
        cache_write_tokens=count(read, "cache_write_tokens") or 0,
        reasoning_tokens=count(written, "reasoning_tokens") or 0,
        caching_told=count(read, "cached_tokens") is not None,
    )


OPERATIONS: dict[str, tuple[str, type[Reading]]] = {
    "/chat/completions": ("chat", ChatReading),
    "/responses": ("responses", ResponsesReading),
    "/embeddings": ("embeddings", EmbeddingsReading),
    "/completions": ("completion", ChatReading),
}
"""The operation that a POST to a path is, and how its answer is read."""
