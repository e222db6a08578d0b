"""Requests of a recorded trace, sent again: as many tokens as the trace says, through the real SDK."""

from typing import Annotated

import openai
from fastapi import APIRouter, Depends, HTTPException, Request
from openai.types import CompletionUsage
from pydantic import BaseModel, Field

from ai_monitoring.llm import attribution
from examples.fastapi_service.clients import LOOPBACK, REPLAY_MODEL, openai_client, stand_in_is_local

MAX_CONTEXT, MAX_GENERATED = 1_000_000, 20_000
TIMEOUT = 30.0

router = APIRouter()


def _only_here(request: Request) -> None:
    """Only for this machine, and only where the stand-in answers: a replay on a provider's account costs money."""
    if request.client is None or request.client.host not in LOOPBACK:
        raise HTTPException(403, "A replay can be asked for from this machine alone")
    if not stand_in_is_local():
        raise HTTPException(403, "A replay needs the demo's own upstream on this machine, not a real provider")


class Recorded(BaseModel):
    """One request of a trace."""

    context_tokens: int = Field(ge=0, le=MAX_CONTEXT)
    generated_tokens: int = Field(ge=0, le=MAX_GENERATED)
    stream: bool = False


class Counted(BaseModel):
    """What the model says that it counted."""

    model: str
    input_tokens: int
    output_tokens: int


@router.post("/replay", include_in_schema=False)
async def replay(recorded: Recorded, _: Annotated[None, Depends(_only_here)]) -> Counted:
    with attribution(project="replay"):
        try:
            usage = await (_streamed(recorded) if recorded.stream else _whole(recorded))
        except openai.APIError as error:
            raise HTTPException(502, f"The upstream fails: {type(error).__name__}") from error
    if usage is None:
        raise HTTPException(502, "The upstream told no usage")
    return Counted(model=REPLAY_MODEL, input_tokens=usage.prompt_tokens, output_tokens=usage.completion_tokens)


async def _whole(recorded: Recorded) -> CompletionUsage | None:
    completion = await openai_client.chat.completions.create(
        model=REPLAY_MODEL,
        messages=[{"role": "user", "content": "Go on."}],
        timeout=TIMEOUT,
        extra_headers=_orders(recorded),
    )
    return completion.usage


async def _streamed(recorded: Recorded) -> CompletionUsage | None:
    usage = None
    chunks = await openai_client.chat.completions.create(
        model=REPLAY_MODEL,
        messages=[{"role": "user", "content": "Go on."}],
        stream=True,
        stream_options={"include_usage": True},
        timeout=TIMEOUT,
        extra_headers=_orders(recorded),
    )
    async for chunk in chunks:
        usage = chunk.usage or usage
    return usage


def _orders(recorded: Recorded) -> dict[str, str]:
    return {
        "x-demo-input-tokens": str(recorded.context_tokens),
        "x-demo-output-tokens": str(recorded.generated_tokens),
    }
