"""An ASGI application on a free port of loopback, for as long as a block lasts."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp
from waiting import free_ports, until


@contextmanager
def served(application: ASGIApp) -> Iterator[int]:
    """Its port."""
    [port] = free_ports(1)
    server = uvicorn.Server(uvicorn.Config(application, port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        yield port
    finally:
        server.should_exit = True
        thread.join()
