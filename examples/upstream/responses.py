"""OpenAI's responses."""

from typing import Any

from examples.upstream.answers import Answer
from examples.upstream.delivery import Events, event


def whole(answer: Answer) -> dict[str, Any]:
    return _response(answer, "completed", [_item(answer, "completed")]) | _usage(answer)


def streamed(answer: Answer, body: dict[str, Any]) -> Events:
    numbers = iter(range(1_000_000))

    def numbered(kind: str, **data: Any) -> bytes:
        return event({"type": f"response.{kind}", "sequence_number": next(numbers), **data}, f"response.{kind}")

    started = _response(answer, "in_progress", [])
    head = [numbered("created", response=started), numbered("in_progress", response=started)]
    head.append(numbered("output_item.added", output_index=0, item=_item(answer, "in_progress")))
    place = {"item_id": _item_id(answer), "output_index": 0}
    if answer.tool:
        tokens = [numbered("function_call_arguments.delta", **place, delta=piece) for piece in answer.pieces]
        tail = [numbered("function_call_arguments.done", **place, name=answer.tool, arguments=answer.text)]
    else:
        place["content_index"] = 0
        head.append(numbered("content_part.added", **place, part=_part("")))
        tokens = [numbered("output_text.delta", **place, delta=piece, logprobs=[]) for piece in answer.pieces]
        tail = [numbered("output_text.done", **place, text=answer.text, logprobs=[])]
        tail.append(numbered("content_part.done", **place, part=_part(answer.text)))
    tail.append(numbered("output_item.done", output_index=0, item=_item(answer, "completed")))
    tail.append(numbered("completed", response=whole(answer)))
    return Events(head, tokens, tail, event(ERROR, "error"))


ERROR = {
    "type": "error",
    "code": "server_error",
    "message": "The server had an error",
    "param": None,
    "sequence_number": 0,
}


def _response(answer: Answer, status: str, output: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": f"resp_{answer.id}",
        "object": "response",
        "created_at": answer.created,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": answer.model,
        "output": output,
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
    }


def _item_id(answer: Answer) -> str:
    return f"{'fc' if answer.tool else 'msg'}_{answer.id}"


def _item(answer: Answer, status: str) -> dict[str, Any]:
    """The one thing that the response holds: empty while it is in progress."""
    text = answer.text if status == "completed" else ""
    if answer.tool:
        call = {"type": "function_call", "call_id": f"call_{answer.id}", "name": answer.tool, "arguments": text}
        return {"id": _item_id(answer), "status": status, **call}
    message = {"type": "message", "role": "assistant", "content": [_part(text)] if text else []}
    return {"id": _item_id(answer), "status": status, **message}


def _part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _usage(answer: Answer) -> dict[str, Any]:
    tokens = answer.tokens
    if answer.usage == "none":
        return {"usage": None}
    if answer.usage == "malformed":
        return {"usage": {"input_tokens": "many", "output_tokens": None, "input_tokens_details": ["cached"]}}
    return {
        "usage": {
            "input_tokens": tokens.input,
            "input_tokens_details": {"cached_tokens": tokens.cached, "cache_write_tokens": tokens.cache_write},
            "output_tokens": tokens.output,
            "output_tokens_details": {"reasoning_tokens": tokens.reasoning},
            "total_tokens": tokens.input + tokens.output,
        }
    }
