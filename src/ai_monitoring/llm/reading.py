"""Reading usage, model and text out of what an SDK returns, whether an object, a dictionary, or something malformed."""

from collections.abc import Iterator
from typing import Any

from ai_monitoring.llm.outcome import Status
from ai_monitoring.llm.usage import Usage

_PROMPT = ("system", "instructions", "messages", "input", "prompt", "tools")
# Pictures, sounds and files are no text, and names of roles and types no part of the prompt.
_NO_TEXT = frozenset({"role", "type", "id", "url", "image_url", "data", "file_data", "media_type", "encrypted_content"})
_MAX_DEPTH = 12


class Reading:
    """What one answer has told so far. The SDK's objects come unvalidated, so nothing is taken for granted.

    `usage` is what the provider counted in the end; `begun` what it had counted when its stream began. `pieces` are the
    answer's texts. `id` is the provider's for the answer. `complete` says that the answer has come to its end.
    """

    __slots__ = ("begun", "complete", "id", "model", "pieces", "status", "usage")

    def __init__(self) -> None:
        self.id: str | None = None
        self.model: str | None = None
        self.usage: Usage | None = None
        self.begun: Usage | None = None
        self.pieces: list[str] = []
        self.status = Status.OK
        self.complete = False

    def whole(self, answer: Any) -> None:
        """Take in an answer that was not streamed."""
        raise NotImplementedError

    def chunk(self, chunk: Any) -> bool:
        """Take in one event of a stream; True where it holds text or arguments of the answer."""
        raise NotImplementedError

    def answered_by(self, answer: Any) -> None:
        """The answer, or the part of it that tells its id and the model."""
        identity, model = field(answer, "id"), field(answer, "model")
        if isinstance(identity, str) and identity:
            self.id = identity
        if isinstance(model, str) and model:
            self.model = model

    def add(self, text: Any) -> bool:
        """Keep a piece of the answer; False where there is none."""
        if isinstance(text, str) and text:
            self.pieces.append(text)
            return True
        return False


def field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


def items(value: Any, name: str) -> list[Any]:
    found = field(value, name)
    return found if isinstance(found, list) else []


def count(value: Any, name: str) -> int | None:
    """A number of tokens, or None where there is none or something else."""
    number = field(value, name)
    return number if isinstance(number, int) and not isinstance(number, bool) and number >= 0 else None


def question_text(body: Any) -> str:
    """What was asked last: of a conversation the last message of the user, else all of the prompt."""
    for message in reversed([*items(body, "input"), *items(body, "messages")]):
        if field(message, "role") == "user":
            return "\n".join(_texts(field(message, "content")))
    return prompt_text(body)


def prompt_text(body: Any) -> str:
    """The texts of a request, for an estimate of its tokens."""
    return "\n".join(text for name in _PROMPT for text in _texts(field(body, name)))


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, int):
        yield "0"  # a prompt may be given as token numbers
    elif isinstance(value, dict) and depth < _MAX_DEPTH:
        for name, part in value.items():
            if name not in _NO_TEXT:
                yield from _texts(part, depth + 1)
    elif isinstance(value, list | tuple) and depth < _MAX_DEPTH:
        for part in value:
            yield from _texts(part, depth + 1)
