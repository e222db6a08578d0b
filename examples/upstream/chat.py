"""OpenAI's chat completions."""

from typing import Any

from examples.upstream.answers import Answer
from examples.upstream.delivery import Events, event


def whole(answer: Answer) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": None if answer.tool else answer.text, "refusal": None}
    if answer.tool:
        message["tool_calls"] = [_call(answer, answer.text)]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(answer)}
    return {**_head(answer, "chat.completion"), "choices": [choice], **_usage(answer)}


def streamed(answer: Answer, body: dict[str, Any]) -> Events:
    options = body.get("stream_options")
    with_usage = isinstance(options, dict) and bool(options.get("include_usage"))
    # With usage asked for, every other chunk says that it has none.
    head = _head(answer, "chat.completion.chunk") | ({"usage": None} if with_usage else {})

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        return event({**head, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]})

    deltas: list[dict[str, Any]]
    if answer.tool:
        first = chunk({"role": "assistant", "content": None, "tool_calls": [{"index": 0, **_call(answer, "")}]})
        deltas = [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in answer.pieces]
    else:
        first = chunk({"role": "assistant", "content": "", "refusal": None})
        deltas = [{"content": piece} for piece in answer.pieces]
    usage = [event({**head, "choices": [], **_usage(answer)})] if with_usage else []
    tail = [chunk({}, _finish(answer)), *usage, b"data: [DONE]\n\n"]
    return Events([first], [chunk(delta) for delta in deltas], tail, event(ERROR))


ERROR = {"error": {"message": "The server had an error", "type": "server_error", "param": None, "code": None}}


def _head(answer: Answer, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{answer.id}",
        "object": kind,
        "created": answer.created,
        "model": answer.model,
        "service_tier": "default",
        "system_fingerprint": "fp_demo",
    }


def _finish(answer: Answer) -> str:
    return "tool_calls" if answer.tool else "stop"


def _call(answer: Answer, arguments: str) -> dict[str, Any]:
    return {
        "id": f"call_{answer.id}",
        "type": "function",
        "function": {"name": answer.tool, "arguments": arguments},
    }


def _usage(answer: Answer) -> dict[str, Any]:
    tokens = answer.tokens
    if answer.usage == "none":
        return {}
    if answer.usage == "malformed":
        return {"usage": {"prompt_tokens": "many", "completion_tokens": None, "prompt_tokens_details": ["cached"]}}
    return {
        "usage": {
            "prompt_tokens": tokens.input,
            "completion_tokens": tokens.output,
            "total_tokens": tokens.input + tokens.output,
            "prompt_tokens_details": {
                "cached_tokens": tokens.cached,
                "cache_write_tokens": tokens.cache_write,
                "audio_tokens": 0,
            },
            "completion_tokens_details": {"reasoning_tokens": tokens.reasoning, "audio_tokens": 0},
        }
    }
