"""The embedded backend's applications over one store and its writer, put together as its process does."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from stub_watch import PASSWORD
from waiting import free_ports
from watch import ROOT

from ai_monitoring.embedded.applications import applications
from ai_monitoring.embedded.arguments import Arguments
from ai_monitoring.embedded.ingest.receiver import Receiver
from ai_monitoring.embedded.process import FILE
from ai_monitoring.embedded.store.retention import Keep
from ai_monitoring.embedded.store.writer import Writer


@dataclass(frozen=True)
class Assembled:
    """An application a port; no Prometheus and no Alertmanager run beside them."""

    writer: Writer
    viewer: Starlette
    loki: Starlette
    tempo: Starlette
    otlp: Starlette


@contextmanager
def assembled(folder: Path) -> Iterator[Assembled]:
    viewer, loki, tempo, otlp, nothing = free_ports(5)
    password = folder / "password"
    password.write_text(PASSWORD, encoding="utf-8")
    given = Arguments(
        data=folder,
        project=ROOT,
        password_file=password,
        prometheus=f"http://127.0.0.1:{nothing}",
        alertmanager=f"http://127.0.0.1:{nothing}",
        keep=Keep(),
        viewer=viewer,
        loki=loki,
        tempo=tempo,
        otlp_http=otlp,
        otlp_grpc=None,
        metrics=None,
        loki_at=None,
    )
    open_ = AsyncExitStack()
    with Writer(folder / FILE, given.keep) as writer:
        apps = applications(given, folder / FILE, Receiver(writer), writer.counts, None, open_)
        try:
            yield Assembled(writer, apps[viewer], apps[loki], apps[tempo], apps[otlp])
        finally:
            with ThreadPoolExecutor(1) as elsewhere:  # Playwright has a loop of its own in this thread
                elsewhere.submit(lambda: asyncio.run(open_.aclose())).result()
