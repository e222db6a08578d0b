"""Prompt and answer of a span, where its instrumentation was told to write them down; each does it in its own way."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from opentelemetry.proto.trace.v1 import trace_pb2

from ai_monitoring.embedded.ingest.values import attributes

_PROMPT: Final = ("gen_ai.input.messages", "gen_ai.prompt", "llm.prompts")
_RESPONSE: Final = ("gen_ai.output.messages", "gen_ai.completion", "llm.completions")
_EVENTS: Final[dict[str, str]] = {
    "gen_ai.content.prompt": "prompt",
    "gen_ai.user.message": "prompt",
    "gen_ai.content.completion": "response",
    "gen_ai.choice": "response",
}
"""What instrumentations before the attributes wrote into events."""
_NUMBERED: Final = re.compile(r"(?:gen_ai\.|llm\.)(prompt|completion)s?\.(\d+)\.content")
"""OpenLLMetry's: gen_ai.prompt.0.content."""

_HOLDERS: Final = frozenset({"content", "parts", "message", "text"})
"""Where a message has its text."""

Events = Iterable[trace_pb2.Span.Event]


def prompt(known: Mapping[str, Any], events: Events) -> str:
    """The prompt's messages, a line each; empty where none was written down."""
    return _text(known, events, _PROMPT, "prompt")


def response(known: Mapping[str, Any], events: Events) -> str:
    return _text(known, events, _RESPONSE, "response")


def _text(known: Mapping[str, Any], events: Events, names: tuple[str, ...], kind: str) -> str:
    whole = next((known[name] for name in names if known.get(name)), None)
    if whole is not None:
        return "\n".join(_parts(whole))
    numbered = "completion" if kind == "response" else "prompt"
    found = [(int(name[2]), key) for key in known if (name := _NUMBERED.fullmatch(key)) and name[1] == numbered]
    if found:
        return "\n".join(str(known[key]) for _, key in sorted(found))
    told = [attributes(event.attributes) for event in events if _EVENTS.get(event.name) == kind]
    return "\n".join(part for one in told for value in one.values() for part in _parts(value))


def _parts(value: Any) -> Iterator[str]:
    """The texts of a message, a list of them, or JSON that holds either; the latter is what attributes can carry."""
    match value:
        case str() if value[:1] in ("[", "{"):
            yield from _inside(value)
        case str():
            yield value
        case list():
            for part in value:
                yield from _parts(part)
        case dict():
            for name in _HOLDERS & value.keys():
                yield from _parts(value[name])


def _inside(text: str) -> Iterator[str]:
    """Of JSON what it holds; of a prompt that only looks so, all."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    found = list(_parts(content))
    yield from found or [text]
