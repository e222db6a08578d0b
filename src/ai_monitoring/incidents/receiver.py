"""The application that Alertmanager delivers every alert to, and that people and programs ask for incidents."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from prometheus_client import REGISTRY, CollectorRegistry
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from ai_monitoring import __version__
from ai_monitoring.deployments import api as deployments_api
from ai_monitoring.deployments.log import DeploymentLog
from ai_monitoring.hosts import HostGuard
from ai_monitoring.incidents import api
from ai_monitoring.incidents.alert import Alert, read_webhook
from ai_monitoring.incidents.body import read_body
from ai_monitoring.incidents.desk import Desk
from ai_monitoring.incidents.digests import Digests
from ai_monitoring.incidents.pages import pages
from ai_monitoring.incidents.sweep import Sweep
from ai_monitoring.metrics.answer import answer

logger = logging.getLogger("ai_monitoring.incidents")
SWEEP_SECONDS = 60.0
MAX_WEBHOOK_BYTES = 32_000_000
"""A webhook has a whole group, each alert with its rule's expression, which may have 20 kB. What is refused for its
size, Alertmanager does not send again.
"""


class Duty(Protocol):
    """What the receiver does by itself, again and again: the sweep, digests, escalation, retention."""

    def run(self, now: float) -> None:
        """Do what is due at `now`, seconds since 1970. An error is logged, and the next run tries again."""


def receiver(
    desk: Desk,
    registry: CollectorRegistry = REGISTRY,
    duties: Sequence[Duty] = (),
    digests: Digests | None = None,
    deployments: DeploymentLog | None = None,
    settings: Path | None = None,
) -> Starlette:
    """`POST /alertmanager` and `POST /notified/CHANNEL` for Alertmanager; `/api/incidents` (api.py), `/api/deployments`
    where there is a log of them, `GET /health`, `GET /metrics`; all else is pages (pages.py). What cannot be written is
    answered with 503, so that Alertmanager tries again.
    """
    more = [] if deployments is None else deployments_api.routes(deployments)

    async def alertmanager(request: Request) -> Response:
        return await _take(request, desk.receive)

    async def notified(request: Request) -> Response:
        channel: str = request.path_params["channel"]
        return await _take(request, lambda alert: desk.notified(alert, channel))

    async def health(_: Request) -> Response:
        now = datetime.now(UTC).isoformat()
        return JSONResponse(
            {"status": desk.trouble or "ok", "time": now, "version": __version__}, 503 if desk.trouble else 200
        )

    async def metrics(request: Request) -> Response:
        return answer(request, registry)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        # Alertmanager has a minute to tell what it tells at a start, before anything is taken to be over.
        sweep = _do(Sweep(desk, settings), after=SWEEP_SECONDS)
        tasks = [asyncio.create_task(one) for one in (sweep, *(_do(duty) for duty in duties))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()

    return Starlette(
        routes=[
            Route("/alertmanager", alertmanager, methods=["POST"]),
            Route("/notified/{channel}", notified, methods=["POST"]),
            Mount("/api", HostGuard(api.routes(desk, digests, more))),
            Route("/health", health),
            Route("/metrics", metrics),
            Mount("/", pages(desk, settings)),
        ],
        lifespan=lifespan,
    )


async def _take(request: Request, take: Callable[[Alert], None]) -> Response:
    """Each alert of a webhook; all or, by Alertmanager's next try, all."""
    try:
        body = await read_body(request, MAX_WEBHOOK_BYTES)
        alerts = await run_in_threadpool(read_webhook, body)
    except ValueError as error:
        return JSONResponse({"error": str(error)}, status_code=400)
    try:
        for alert in alerts:
            await run_in_threadpool(take, alert)
    except sqlite3.Error as error:
        logger.error("An alert could not be written to the incident log: %s", error)
        return JSONResponse({"error": f"the incident log cannot be written: {error}"}, status_code=503)
    return JSONResponse({"received": len(alerts)})


async def _do(duty: Duty, after: float = 0.0) -> None:
    """Beside the others: a mail server that is slow to answer holds up nothing else."""
    await asyncio.sleep(after)
    while True:
        try:
            await run_in_threadpool(duty.run, time.time())
        except (OSError, ValueError, LookupError, sqlite3.Error) as error:
            logger.error("%s could not be looked after: %s", type(duty).__name__, error)
        await asyncio.sleep(SWEEP_SECONDS)
