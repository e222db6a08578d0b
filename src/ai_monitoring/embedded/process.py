"""The whole of it in one process: every port its application, all of them over one store."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import httpx2
import uvicorn

from ai_monitoring.embedded.applications import applications
from ai_monitoring.embedded.arguments import Arguments
from ai_monitoring.embedded.ingest import grpc
from ai_monitoring.embedded.ingest.forwarding import LokiForward
from ai_monitoring.embedded.ingest.limits import IngestLimits
from ai_monitoring.embedded.ingest.receiver import Receiver, TakeLogs
from ai_monitoring.embedded.ports import HOST, ByPort, listen
from ai_monitoring.embedded.store.writer import Writer
from ai_monitoring.hosts import HostGuard

FILE = "embedded.sqlite3"
FORWARD_SECONDS = 10.0
_END_SECONDS = 2
"""What is under way when the process is told to end has so long to be answered."""


class _Server(uvicorn.Server):
    """Ends when told to, and leaves it at that: uvicorn's own raises the signal again, before the store is closed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


async def run(given: Arguments) -> None:
    """Serve until the process is told to end. Raises OSError for a port or folder, DatabaseError for the store."""
    _make(given.data)
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
            await _Server(_configured(ByPort(apps))).serve(sockets=sockets)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        text = f"The folder {folder} cannot be made ({error.strerror}): it is to hold the store, name another."
        raise OSError(text) from error


def _configured(app: ByPort) -> uvicorn.Config:
    return uvicorn.Config(
        HostGuard(app),
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=_END_SECONDS,
    )


@asynccontextmanager
async def _logs_elsewhere(loki_at: str | None) -> AsyncIterator[TakeLogs | None]:
    """What takes logs where a Loki runs; None where the store does."""
    if loki_at is None:
        yield None
        return
    async with httpx2.AsyncClient(timeout=FORWARD_SECONDS) as client:
        yield LokiForward(client, loki_at).take_logs
