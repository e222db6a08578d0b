"""The routes of the service."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx2
from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, Field

from ai_monitoring.web.asgi import AuthFailureMiddleware, PrometheusMiddleware, metrics_endpoint
from ai_monitoring.web.calls import watch_client
from examples import health
from examples.fastapi_service.answers import ANSWERS, answer
from examples.fastapi_service.plans import DISTANCES, MAX_HOURS, make_plan
from examples.settings import DJANGO_URL, VERSION

app = FastAPI(title="Coaching", version=VERSION, docs_url="/docs", redoc_url=None)
# Under watch: these three lines.
app.add_middleware(AuthFailureMiddleware)
app.add_middleware(PrometheusMiddleware)
app.get("/metrics", include_in_schema=False)(metrics_endpoint)

django = watch_client(
    httpx2.AsyncClient(base_url=DJANGO_URL, timeout=2.0, trust_env=False), caller="fastapi", callee="django"
)


class PlanQuestion(BaseModel):
    goal: str
    weekly_hours: float = Field(gt=0, le=MAX_HOURS)
    effort: float = Field(default=0.01, ge=0, le=4, description="seconds that the service may think")


class Question(BaseModel):
    text: str = Field(max_length=1000)


async def athlete(authorization: Annotated[str | None, Header()] = None) -> dict[str, Any]:
    """The athlete whose token this is, as the Django API knows them. 401 without one, 503 while the API is away."""
    if authorization is None:
        raise HTTPException(401, "A token is needed", {"WWW-Authenticate": "Bearer"})
    try:
        known = await django.get("/api/me/", headers={"Authorization": authorization})
    except httpx2.HTTPError as error:
        raise HTTPException(503, "The Django API does not answer") from error
    if known.status_code != 200:
        raise HTTPException(401, "The token is not valid", {"WWW-Authenticate": 'Bearer error="invalid_token"'})
    found: dict[str, Any] = known.json()
    return found


Athlete = Annotated[dict[str, Any], Depends(athlete)]


@app.post("/plans")
async def plans(question: PlanQuestion, _: Athlete) -> dict[str, Any]:
    if question.goal not in DISTANCES:
        raise HTTPException(422, f"goal: one of {', '.join(DISTANCES)}")
    return await run_in_threadpool(make_plan, question.goal, question.weekly_hours, question.effort)


@app.post("/answers")
async def answers(question: Question, _: Athlete) -> dict[str, str]:
    return {"text": answer(question.text)}


@app.get("/tips/{topic}")
async def tip(topic: str) -> dict[str, str]:
    for keys, text in ANSWERS.items():
        if topic in keys:
            return {"text": text}
    raise HTTPException(404, "No tip on this topic")


@app.get("/breathing")
async def breathing(breaths: int = 3, seconds: float = 0.2) -> StreamingResponse:
    """A breathing exercise at its own pace: a line for each breath."""

    async def lines() -> AsyncIterator[str]:
        for number in range(1, min(breaths, 20) + 1):
            yield f"Breath {number}: in … and out.\n"
            await asyncio.sleep(min(max(seconds, 0), 10))

    return StreamingResponse(lines(), media_type="text/plain; charset=utf-8")


@app.get("/athletes")
async def athletes(_: Athlete) -> None:
    """For coaches, and none of the demo's users is one."""
    raise HTTPException(403, "For coaches only")


@app.post("/broken")
async def broken() -> None:
    """Fails, so that the demo has an error to show."""
    raise RuntimeError("This route fails on purpose")


@app.get("/health/live", include_in_schema=False)
async def live() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/health", include_in_schema=False)
def healthy() -> JSONResponse:
    content, status = health.health("fastapi", ("django",))
    return JSONResponse(content, status)
