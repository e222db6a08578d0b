"""Small ASGI applications under watch, as the tests of the ASGI face build them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep
from typing import Any, Literal

import uvicorn
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


@contextmanager
def served(app: Any, lifespan: Literal["on", "off"] = "off") -> Iterator[str]:
    """The application on a real server; yields its address."""
    config = uvicorn.Config(app, port=0, log_config=None, log_level="critical", lifespan=lifespan)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        sleep(0.005)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
