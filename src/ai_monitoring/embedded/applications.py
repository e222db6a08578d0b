"""What each port answers."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from starlette.applications import Starlette

from ai_monitoring.embedded.arguments import Arguments
from ai_monitoring.embedded.ingest.receiver import Receiver, TakeLogs
from ai_monitoring.embedded.ingest.routes import loki_routes, otlp_routes
from ai_monitoring.embedded.loki.deletion import delete_routes
from ai_monitoring.embedded.loki.queries import Queries
from ai_monitoring.embedded.loki.routes import Api
from ai_monitoring.embedded.own_metrics import HEALTH, Families, own_metrics
from ai_monitoring.embedded.ports import HOST
from ai_monitoring.embedded.store.counts import StoreCounts
from ai_monitoring.embedded.tempo.routes import routes as tempo_routes
from ai_monitoring.embedded.viewer.app import viewer
from ai_monitoring.embedded.viewer.boards import board as boards_answer
from ai_monitoring.embedded.viewer.boards.files import Boards
from ai_monitoring.embedded.viewer.boards.pages import pages
from ai_monitoring.embedded.viewer.boards.routes import routes as board_routes
from ai_monitoring.embedded.viewer.settings import Settings, StoreSize
from ai_monitoring.embedded.viewer.sources import Client, Sources
from ai_monitoring.embedded.viewer.traces.page import TracePages

_LOKI, _TEMPO = 3100, 3200
"""Their own ports, where somebody else's may stand when ours are left out."""


def applications(
    given: Arguments,
    file: Path,
    receiver: Receiver,
    counts: StoreCounts,
    take_logs: TakeLogs | None,
    open_: AsyncExitStack,
) -> dict[int, Starlette]:
    """The application of each port that is wanted, over the store in `file`. What they hold is closed with `open_`."""
    of_port: dict[int | None, Callable[[], Starlette]] = {
        given.viewer: lambda: _viewer(given, file, counts, open_),
        given.loki: lambda: _loki(file, receiver, open_),
        given.tempo: lambda: Starlette(routes=[*tempo_routes(file), HEALTH]),
        given.otlp_http: lambda: Starlette(routes=[*otlp_routes(receiver, take_logs), HEALTH]),
        given.metrics: lambda: own_metrics(Families(counts, given.keep.bytes)),
    }
    return {port: make() for port, make in of_port.items() if port is not None}


def _loki(file: Path, receiver: Receiver, open_: AsyncExitStack) -> Starlette:
    api = Api(Queries(file))
    open_.callback(api.close)
    return Starlette(routes=[*loki_routes(receiver), *delete_routes(receiver.writer), *api.routes(), HEALTH])


def _viewer(given: Arguments, file: Path, counts: StoreCounts, open_: AsyncExitStack) -> Starlette:
    boards = Boards(given.project / "grafana" / "dashboards")
    sources = Sources(
        prometheus=given.prometheus,
        loki=given.loki_at or f"http://{HOST}:{given.loki or _LOKI}",
        tempo=f"http://{HOST}:{given.tempo or _TEMPO}",
        alertmanager=given.alertmanager,
    )
    settings = Settings(
        password=given.password_file,
        runbooks=given.project / "docs" / "runbooks",
        boards=lambda: [boards_answer.listed(board) for board in boards.all()],
        store_size=lambda: StoreSize(counts.bytes_used, given.keep.bytes),
    )
    client = Client(sources)
    open_.push_async_callback(client.aclose)
    return viewer(settings, client, [*pages(boards), *board_routes(boards, client), *TracePages(file).routes()])
