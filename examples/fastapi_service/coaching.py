"""Coaching sessions: a short conversation, streamed word by word as the model answers."""

from collections.abc import AsyncIterator
from time import perf_counter
from typing import Annotated

import anthropic
from anthropic.types import MessageParam, RawMessageStreamEvent
from fastapi import APIRouter, HTTPException
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from ai_monitoring.metrics.instrument import instrument
from examples.fastapi_service.access import Athlete
from examples.fastapi_service.answering import search
from examples.fastapi_service.clients import COACH_MODEL, anthropic_client
from examples.fastapi_service.trouble import Ordered, Trouble

CHANNEL = "api"
MAX_TOKENS = 200
Reply = anthropic.AsyncStream[RawMessageStreamEvent]

router = APIRouter()

sessions = instrument("coaching_sessions_total")
duration = instrument("coaching_session_duration_seconds")
sessions.prepare(CHANNEL)


class Session(BaseModel):
    messages: list[Annotated[str, Field(min_length=1, max_length=500)]] = Field(
        min_length=1, max_length=4, description="what the athlete says, each answered before the next"
    )


@router.post("/coaching/sessions")
async def session(asked: Session, _: Athlete, trouble: Ordered) -> StreamingResponse:
    """The coach's replies, a paragraph each. 502 where the language model fails before the first."""
    start = perf_counter()
    history: list[MessageParam] = [{"role": "user", "content": asked.messages[0]}]
    try:
        first = await _reply(history, trouble)
    except anthropic.APIError as error:
        raise HTTPException(502, "The coach's language model fails") from error
    words = _conversation(asked.messages[1:], history, first, start)
    return StreamingResponse(words, media_type="text/plain; charset=utf-8")


async def _conversation(
    messages: list[str], history: list[MessageParam], reply: Reply, start: float
) -> AsyncIterator[str]:
    """Counts as one session, also where the athlete leaves in the middle."""
    try:
        async for word in _said(reply, history):
            yield word
        for message in messages:
            yield "\n\n"
            history.append({"role": "user", "content": message})
            async for word in _said(await _reply(history, Trouble.NONE), history):
                yield word
    finally:
        sessions[CHANNEL].inc()
        duration[()].observe(perf_counter() - start)


async def _reply(history: list[MessageParam], trouble: Trouble) -> Reply:
    """The model's answer to the last message, with what the FAQ knows about it."""
    known = search.by_words(str(history[-1]["content"]))[:1]
    context = known[0].entry.answer if known else "Listen, and ask back."
    return await anthropic_client.with_options(**trouble.patience).messages.create(
        model=trouble.model(COACH_MODEL),
        max_tokens=MAX_TOKENS,
        system=f"You are a running coach. Be brief. <context>{context}</context>",
        messages=history,
        stream=True,
        extra_headers=trouble.orders,
    )


async def _said(reply: Reply, history: list[MessageParam]) -> AsyncIterator[str]:
    """The words of a reply, as they come; the whole of it goes into the history."""
    words: list[str] = []
    async with reply:
        async for event in reply:
            if event.type == "content_block_delta" and event.delta.type == "text_delta":
                words.append(event.delta.text)
                yield event.delta.text
    history.append({"role": "assistant", "content": "".join(words)})
