"""Sessions and connections, with a clock of their own and a real ASGI application."""

from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from ai_monitoring.web.streamlit.sessions import ConnectionMiddleware, SessionMeter


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def sessions(registry: CollectorRegistry, clock: Clock) -> SessionMeter:
    return SessionMeter(registry, lambda: 120, clock)


def durations(registry: CollectorRegistry) -> tuple[float | None, float | None]:
    name = "streamlit_session_duration_seconds"
    return registry.get_sample_value(f"{name}_count"), registry.get_sample_value(f"{name}_sum")


def test_a_session_is_over_when_its_browser_can_no_longer_come_back(
    sessions: SessionMeter, registry: CollectorRegistry, clock: Clock
) -> None:
    sessions.connected("a")
    assert registry.get_sample_value("streamlit_sessions_active") == 1
    clock.now += 30
    sessions.disconnected("a")
    assert registry.get_sample_value("streamlit_sessions_active") == 0
    assert durations(registry) == (0, 0)
    clock.now += 121
    sessions.settle()
    assert durations(registry) == (1, 30)


def test_a_browser_that_comes_back_goes_on_with_its_session(
    sessions: SessionMeter, registry: CollectorRegistry, clock: Clock
) -> None:
    for _ in range(2):
        sessions.connected("a")
        clock.now += 30
        sessions.disconnected("a")
        clock.now += 10
    clock.now += 120
    sessions.settle()
    assert durations(registry) == (1, 70)


def test_an_unknown_session_that_leaves_is_no_session(sessions: SessionMeter, registry: CollectorRegistry) -> None:
    sessions.disconnected("never seen")
    assert registry.get_sample_value("streamlit_sessions_active") == 0


def test_an_option_that_cannot_be_read_stays_inside(registry: CollectorRegistry) -> None:
    def unreadable() -> float:
        raise RuntimeError("no such option")

    sessions = SessionMeter(registry, unreadable)
    sessions.connected("a")
    errors = registry.get_sample_value("ai_monitoring_instrumentation_errors_total", {"component": "streamlit"})
    assert errors == 1


@pytest.mark.parametrize(("path", "while_open"), [("/base/_stcore/stream", 1), ("/own/socket", 0)])
async def test_streamlits_connections_count_while_they_are_open(
    registry: CollectorRegistry, path: str, while_open: int
) -> None:
    seen: list[float | None] = []
    value: Callable[[], float | None] = lambda: registry.get_sample_value("streamlit_websocket_connections")  # noqa: E731

    async def endpoint(socket: WebSocket) -> None:
        seen.append(value())
        await socket.accept()
        seen.append(value())
        raise ValueError("a connection that ends badly")

    async def nothing(*_: Any) -> Any:
        return {"type": "websocket.connect"}

    app = ConnectionMiddleware(Starlette(routes=[WebSocketRoute(path, endpoint)]), registry)
    with pytest.raises(ValueError, match="ends badly"):
        await app({"type": "websocket", "path": path, "headers": [], "subprotocols": []}, nothing, nothing)
    assert seen == [0, while_open]
    assert value() == 0
