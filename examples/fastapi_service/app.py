"""The service: its routes, and the lines that put it under watch."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import openai
from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse, StreamingResponse

from ai_monitoring import llm, telemetry
from ai_monitoring.web.asgi import AuthFailureMiddleware, PrometheusMiddleware, metrics_endpoint
from examples import health
from examples.fastapi_service import coaching, planning, questions, replay
from examples.fastapi_service.access import Athlete
from examples.fastapi_service.answering import collector, load_vectors, search
from examples.fastapi_service.faq import FAQ
from examples.settings import VERSION

logger = logging.getLogger("examples.faq")
RETRY_SECONDS = 2.0


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Embed the FAQ while the service already answers, and record what it answers."""
    with collector:
        loading = asyncio.create_task(_load_until_done())
        yield
        loading.cancel()
        with suppress(asyncio.CancelledError):
            await loading


async def _load_until_done() -> None:
    """The upstream may start later than this service, or be away for a while."""
    while True:
        try:
            await load_vectors()
        except openai.APIError as error:
            logger.warning("The FAQ is not embedded yet: %s", type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)
        else:
            logger.info("The FAQ is loaded: %d entries", len(FAQ))
            return


app = FastAPI(title="Coaching", version=VERSION, docs_url="/docs", redoc_url=None, lifespan=lifespan)

# Under watch: logs and traces, each call of a language model, each request, and the metrics' address.
telemetry.set_up("fastapi")
llm.instrument(team="coaching", project="demo")
app.add_middleware(AuthFailureMiddleware)
app.add_middleware(PrometheusMiddleware)
app.get("/metrics", include_in_schema=False)(metrics_endpoint)

for routes in (questions, coaching, planning, replay):
    app.include_router(routes.router)


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
    return JSONResponse({**content, "strategies": list(search.loaded), "faq": len(FAQ)}, status)
