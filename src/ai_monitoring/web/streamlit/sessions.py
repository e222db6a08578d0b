"""Sessions and the WebSocket connections that carry them."""

import logging
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from threading import Lock
from time import monotonic
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry
from starlette.types import ASGIApp, Receive, Scope, Send

from ai_monitoring.metrics.instrument import instrument

logger = logging.getLogger("ai_monitoring.web")


class SessionMeter:
    """Measures sessions from the first connection of a browser tab to its last.

    A tab that loses its connection and comes back within `resume_seconds()` goes on with its session, so a session's
    duration is known, and observed, only after that time. `clock` tells seconds. Raises nothing.
    """

    def __init__(
        self,
        registry: CollectorRegistry = REGISTRY,
        resume_seconds: Callable[[], float] = lambda: 120.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._gauge = instrument("streamlit_sessions_active", registry)[()]
        self._durations = instrument("streamlit_session_duration_seconds", registry)[()]
        self._failures = instrument("ai_monitoring_instrumentation_errors_total", registry)["streamlit"]
        self._resume_seconds = resume_seconds
        self._clock = clock
        self._active: dict[str, float] = {}
        self._away: dict[str, tuple[float, float]] = {}
        self._lock = Lock()

    def connected(self, session: str) -> None:
        with self._lock:
            started, _ = self._away.pop(session, (self._clock(), 0.0))
            self._active.setdefault(session, started)
            self._show()
        self.settle()

    def disconnected(self, session: str) -> None:
        with self._lock:
            started = self._active.pop(session, None)
            if started is not None:
                self._away[session] = (started, self._clock())
            self._show()
        self.settle()

    def _show(self) -> None:
        with suppress(Exception):
            self._gauge.set(len(self._active))

    def settle(self) -> None:
        """Observe the sessions whose browser can no longer come back."""
        try:
            with self._lock:
                latest = self._clock() - self._resume_seconds()
                for session in [name for name, (_, left) in self._away.items() if left <= latest]:
                    started, left = self._away.pop(session)
                    self._durations.observe(left - started)
        except Exception:
            with suppress(Exception):
                self._failures.inc()
            logger.debug("The sessions could not be measured", exc_info=True)


class ConnectionMiddleware:
    """ASGI middleware that counts the open WebSocket connections of Streamlit pages."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry = REGISTRY) -> None:
        self._app = app
        self._open = instrument("streamlit_websocket_connections", registry)[()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and scope["path"].endswith("/_stcore/stream"):
            await self._connection(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _connection(self, scope: Scope, receive: Receive, send: Send) -> None:
        accepted = False

        async def counting_send(message: MutableMapping[str, Any]) -> None:
            nonlocal accepted
            if message["type"] == "websocket.accept" and not accepted:
                accepted = True
                with suppress(Exception):
                    self._open.inc()
            await send(message)

        try:
            await self._app(scope, receive, counting_send)
        finally:
            if accepted:
                with suppress(Exception):
                    self._open.dec()
