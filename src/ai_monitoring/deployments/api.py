"""What people and programs may ask and tell of deployments, as JSON.

    GET  /api/deployments?service=&since=&limit=
    POST /api/deployments    {"version": "1.4.2", "service": "shop", "status": "succeeded"}

`since` is a time (RFC 3339). Without a service, a deployment is of all of them; without a status, it succeeded. What is
wrong is answered with 400 and `{"error": "…"}`. A POST must say that it is JSON, which a web page elsewhere cannot.
"""

import time

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ai_monitoring.deployments.deployment import EVERY_SERVICE, Deployment, Outcome, outcome
from ai_monitoring.deployments.log import DeploymentLog
from ai_monitoring.incidents.alert import seconds
from ai_monitoring.incidents.body import json_texts

MOST = 1000
_KNOWN = ("service", "since", "limit")


def routes(log: DeploymentLog) -> list[Route]:
    """Over one log of deployments; errors are answered as the API of incidents does."""

    async def latest(request: Request) -> Response:
        service, since, limit = _filters(request)
        found = await run_in_threadpool(log.latest, limit, service, since)
        return JSONResponse({"deployments": [one.as_json() for one in found]})

    async def add(request: Request) -> Response:
        told = await json_texts(request, "version", "service", "status")
        deployment = Deployment(
            service=told["service"] or EVERY_SERVICE,
            version=told["version"],
            status=outcome(told["status"] or Outcome.SUCCEEDED),
            at=time.time(),
        )
        await run_in_threadpool(log.add, deployment)
        return JSONResponse(deployment.as_json(), 201)

    return [Route("/deployments", latest), Route("/deployments", add, methods=["POST"])]


def _filters(request: Request) -> tuple[str | None, float, int]:
    """Service, time and number. Raises ValueError."""
    query = request.query_params
    if unknown := sorted(set(query) - set(_KNOWN)):
        raise ValueError(f"{unknown[0]} is no filter; there are {', '.join(_KNOWN)}")
    limit = query.get("limit", "100")
    if not limit.isdecimal() or not 1 <= int(limit) <= MOST:
        raise ValueError(f"limit={limit} is no number from 1 to {MOST}")
    return query.get("service"), seconds(query["since"]) if "since" in query else 0.0, int(limit)
