"""The whole of it in one process: every port its application, all of them over one store."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx2
import uvicorn

from ai_monitoring.embedded.applications import applications
from ai_monitoring.embedded.arguments import Arguments
from ai_monitoring.embedded.hosts import HostGuard
from ai_monitoring.embedded.ingest import grpc
from ai_monitoring.embedded.ingest.forwarding import LokiForward
from ai_monitoring.embedded.ingest.limits import IngestLimits
from ai_monitoring.embedded.ingest.receiver import Receiver, TakeLogs
from ai_monitoring.embedded.ports import HOST, ByPort, listen
from ai_monitoring.embedded.store.writer import Writer

FILE = "embedded.sqlite3"
FORWARD_SECONDS = 10.0


async def run(given: Arguments) -> None:
    """Serve until the process is told to end. Raises OSError for a port that is taken, DatabaseError for the store."""
    given.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = given.data / FILE
    with Writer(file, given.keep) as writer:
        async with AsyncExitStack() as open_:
            receiver = Receiver(writer, IngestLimits(age_ns=given.keep.age))
            take_logs = await open_.enter_async_context(_logs_elsewhere(given.loki_at))
            apps = applications(given, file, receiver, writer.counts, take_logs, open_)
            for app in apps.values():
                await open_.enter_async_context(app.router.lifespan_context(app))
            sockets = [open_.enter_context(listen(port)) for port in apps]
            if given.otlp_grpc is not None:
                address = f"{HOST}:{given.otlp_grpc}"
                await open_.enter_async_context(grpc.serve(receiver, address, take_logs))
            config = uvicorn.Config(HostGuard(ByPort(apps)), lifespan="off", log_level="warning", access_log=False)
            await uvicorn.Server(config).serve(sockets=sockets)


@asynccontextmanager
async def _logs_elsewhere(loki_at: str | None) -> AsyncIterator[TakeLogs | None]:
    """What takes logs where a Loki runs; None where the store does."""
    if loki_at is None:
        yield None
        return
    async with httpx2.AsyncClient(timeout=FORWARD_SECONDS) as client:
        yield LokiForward(client, loki_at).take_logs
