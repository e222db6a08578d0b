"""The demo's stand-in for OpenAI and Anthropic on a free port, for the tests: `with upstream() as address`."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic, sleep

import uvicorn
from examples.upstream.app import app


@contextmanager
def upstream() -> Iterator[str]:
    """Serves in a thread of this process; yields its address, such as http://127.0.0.1:45123."""
    config = uvicorn.Config(
        app, log_config=None, log_level="critical", access_log=False, lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    # With its protocol named, asyncio sets TCP_NODELAY; without, each answer waits 40 ms for an acknowledgement.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        _await_start(server, thread)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


def _await_start(server: uvicorn.Server, thread: Thread) -> None:
    deadline = monotonic() + 10
    while not server.started:
        if monotonic() > deadline or not thread.is_alive():
            raise RuntimeError("the upstream did not start")
        sleep(0.005)
