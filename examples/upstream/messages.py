"""Anthropic's messages."""

import json
from typing import Any

from examples.upstream.answers import Answer
from examples.upstream.delivery import Events, event


def whole(answer: Answer) -> dict[str, Any]:
    block = _block(answer, json.loads(answer.text)) if answer.tool else _block(answer, answer.text)
    return _message(answer) | {"content": [block], "stop_reason": _reason(answer)} | _usage(answer)


def streamed(answer: Answer, body: dict[str, Any]) -> Events:
    def named(kind: str, **data: Any) -> bytes:
        return event({"type": kind, **data}, kind)

    empty = _block(answer, {}) if answer.tool else _block(answer, "")
    # Output is told as it stands: one token at the start, all of them at the end.
    head = [named("message_start", message=_message(answer) | _usage(answer, 1))]
    head += [named("content_block_start", index=0, content_block=empty), named("ping")]
    kind, field = ("input_json_delta", "partial_json") if answer.tool else ("text_delta", "text")
    deltas = [{"type": kind, field: piece} for piece in answer.pieces]
    tokens = [named("content_block_delta", index=0, delta=delta) for delta in deltas]
    ended = {"stop_reason": _reason(answer), "stop_sequence": None}
    tail = [named("content_block_stop", index=0), named("message_delta", delta=ended, **_delta_usage(answer))]
    return Events(head, tokens, [*tail, named("message_stop")], event(ERROR, "error"))


ERROR = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


def _message(answer: Answer) -> dict[str, Any]:
    return {
        "id": f"msg_{answer.id}",
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def _reason(answer: Answer) -> str:
    return "tool_use" if answer.tool else "end_turn"


def _block(answer: Answer, content: Any) -> dict[str, Any]:
    if answer.tool:
        return {"type": "tool_use", "id": f"toolu_{answer.id}", "name": answer.tool, "input": content}
    return {"type": "text", "text": content, "citations": None}


def _usage(answer: Answer, output: int | None = None) -> dict[str, Any]:
    tokens = answer.tokens
    if answer.usage == "none":
        return {}
    if answer.usage == "malformed":
        return {"usage": {"input_tokens": "many", "cache_read_input_tokens": ["cached"], "output_tokens": None}}
    return {
        "usage": {
            "input_tokens": tokens.input - tokens.cached - tokens.cache_write,
            "cache_creation_input_tokens": tokens.cache_write,
            "cache_read_input_tokens": tokens.cached,
            "output_tokens": tokens.output if output is None else output,
            "output_tokens_details": {"thinking_tokens": tokens.reasoning if output is None else 0},
            "service_tier": "standard",
        }
    }


def _delta_usage(answer: Answer) -> dict[str, Any]:
    if answer.usage == "none":
        return {}
    if answer.usage == "malformed":
        return {"usage": {"output_tokens": "many"}}
    details = {"thinking_tokens": answer.tokens.reasoning}
    return {"usage": {"output_tokens": answer.tokens.output, "output_tokens_details": details}}
