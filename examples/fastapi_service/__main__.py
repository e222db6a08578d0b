"""Starts the service: `python -m examples.fastapi_service`, from the root of the repository."""

import os
import socket
import tempfile

import uvicorn

from examples.settings import FASTAPI_PORT, FASTAPI_WORKERS, HOST


def main() -> None:
    if FASTAPI_WORKERS > 1:
        # Before the first of them imports prometheus_client: workers add their numbers up in files.
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="fastapi-metrics-"))
    with socket.create_server((HOST, FASTAPI_PORT), backlog=2048) as listener:
        # Connections take this from it. asyncio sets it only on a socket that it made itself; without, an answer on a
        # connection that is kept waits 40 ms for an acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        uvicorn.run(
            "examples.fastapi_service.app:app",
            fd=listener.fileno(),
            workers=FASTAPI_WORKERS,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=3,
        )


if __name__ == "__main__":
    main()
