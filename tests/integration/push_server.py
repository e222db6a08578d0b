"""Port, file: a server that takes pushes into the store at `file`, as a process of its own that can be killed."""

import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from ai_monitoring.embedded.ingest.receiver import Receiver
from ai_monitoring.embedded.ingest.routes import loki_routes, otlp_routes
from ai_monitoring.embedded.store.writer import Writer


def main(port: int, file: Path) -> None:
    with Writer(file) as writer:
        receiver = Receiver(writer)
        app = Starlette(routes=[*loki_routes(receiver), *otlp_routes(receiver)])
        uvicorn.run(app, port=port, log_level="error", lifespan="off")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
