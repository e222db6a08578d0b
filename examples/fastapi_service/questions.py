"""Questions to the FAQ, and its tips."""

from time import perf_counter

import openai
from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from ai_monitoring.metrics.instrument import instrument
from examples.fastapi_service.access import Athlete
from examples.fastapi_service.answering import Answer, answer
from examples.fastapi_service.faq import FAQ
from examples.fastapi_service.strategies import Strategy
from examples.fastapi_service.trouble import Ordered, Trouble

router = APIRouter()

requests = instrument("faq_requests_total")
response_time = instrument("faq_response_time_seconds")
confidence_score = instrument("faq_confidence_score")
for status in ("200", "422", "502", "504"):
    requests.prepare(("/faq", status))


class Question(BaseModel):
    question: str = Field(max_length=1000)
    strategy: Strategy | None = Field(default=None, description="unset: chosen by the question's length")


@router.post("/faq")
async def faq(asked: Question, _: Athlete, trouble: Ordered) -> Answer:
    """The FAQ's answer. 422 without words, 502 or 504 where the language model fails or takes too long."""
    try:
        found = await _answered(asked, trouble)
    except HTTPException as refused:
        requests["/faq", str(refused.status_code)].inc()
        raise
    requests["/faq", "200"].inc()
    return found


async def _answered(asked: Question, trouble: Trouble) -> Answer:
    start = perf_counter()
    try:
        found = await answer(asked.question, asked.strategy, trouble)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    except openai.APITimeoutError as error:
        raise HTTPException(504, "The language model takes too long") from error
    except openai.APIError as error:
        raise HTTPException(502, "The language model fails") from error
    response_time[found.strategy.value].observe(perf_counter() - start)
    confidence_score[()].observe(found.confidence)
    return found


@router.get("/tips/{topic}")
async def tip(topic: str) -> dict[str, str]:
    for entry in FAQ:
        if entry.topic == topic:
            return {"entry": entry.id, "text": entry.answer}
    raise HTTPException(404, "No tip on this topic")
