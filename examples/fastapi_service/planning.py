"""Training plans, with an introduction by a language model."""

import logging
from time import perf_counter
from typing import Any

import openai
from fastapi import APIRouter, HTTPException
from fastapi.concurrency import run_in_threadpool
from openai.types.responses import Response
from pydantic import BaseModel, Field

from ai_monitoring.metrics.instrument import instrument
from examples.fastapi_service.access import Athlete
from examples.fastapi_service.clients import CHAT_MODEL, OPENAI_IS_REAL, openai_client
from examples.fastapi_service.plans import DISTANCES, MAX_HOURS, make_plan
from examples.fastapi_service.trouble import Trouble

logger = logging.getLogger("examples.plans")
router = APIRouter()
duration = instrument("training_plan_duration_seconds")

# Django waits a second for a plan: it is worth more than its introduction.
INTRODUCTION_SECONDS = 10.0 if OPENAI_IS_REAL else 0.5
# Both are otherwise made on first use, which takes the SDK half of that second.
_ = openai_client.responses
Response.model_rebuild()


class PlanQuestion(BaseModel):
    goal: str
    weekly_hours: float = Field(gt=0, le=MAX_HOURS)
    effort: float = Field(default=0.01, ge=0, le=4, description="seconds that the service may think")


@router.post("/plans")
async def plans(question: PlanQuestion, _: Athlete) -> dict[str, Any]:
    if question.goal not in DISTANCES:
        raise HTTPException(422, f"goal: one of {', '.join(DISTANCES)}")
    start = perf_counter()
    plan = await run_in_threadpool(make_plan, question.goal, question.weekly_hours, question.effort)
    facts = summary(plan)
    plan["text"] = await _introduction(facts)
    duration[()].observe(perf_counter() - start)
    return plan


def summary(plan: dict[str, Any]) -> str:
    """What is to be said about a plan, in one sentence."""
    weeks = plan["weeks"]
    peak = max(week["hours"] for week in weeks)
    goal = plan["goal"].replace("-", " ")
    return f"{len(weeks)} weeks lead to your {goal}, with {peak:g} hours in the longest and rest in every fourth."


async def _introduction(facts: str) -> str:
    """The plan in the model's words, or else in ours."""
    try:
        response = await openai_client.with_options(max_retries=0).responses.create(
            model=CHAT_MODEL,
            instructions=facts,
            input="Introduce this plan in one sentence.",
            timeout=INTRODUCTION_SECONDS,
            extra_headers=Trouble.NONE.orders,
        )
    except openai.APIError as error:
        logger.warning("The plan has no introduction: %s", type(error).__name__)
        return facts
    return response.output_text
