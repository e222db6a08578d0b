"""Small ASGI applications under watch, as the tests of the ASGI face build them."""

from typing import Any

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from ai_monitoring.web.asgi import PrometheusMiddleware


def watched_starlette(registry: CollectorRegistry, *routes: BaseRoute) -> Starlette:
    return Starlette(routes=routes, middleware=[Middleware(PrometheusMiddleware, registry=registry)])


def watched_fastapi(registry: CollectorRegistry) -> FastAPI:
    app = FastAPI()
    app.add_middleware(PrometheusMiddleware, registry=registry)
    return app


def client_of(app: Any) -> TestClient:
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)
