"""Puts a Streamlit application under watch.

    app = st.App("page.py", **watch())

The call to `st.App` stays in the user's file because `streamlit run` looks for it there, by reading the source; and
its public arguments take all that is needed, so nothing of the application object is touched.
"""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit
from prometheus_client import REGISTRY, CollectorRegistry
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ai_monitoring.web.scrape import metrics_response
from ai_monitoring.web.streamlit.coaching import track_coaching_session
from ai_monitoring.web.streamlit.hooks import has_script_error_hook, install
from ai_monitoring.web.streamlit.scripts import ScriptMeter
from ai_monitoring.web.streamlit.sessions import ConnectionMiddleware, SessionMeter

__all__ = ["track_coaching_session", "watch"]

ScriptErrorHandler = Callable[[Exception], bool | None]


def watch(
    *,
    routes: Sequence[BaseRoute] = (),
    middleware: Sequence[Middleware] = (),
    on_script_error: ScriptErrorHandler | None = None,
    metrics_path: str = "/metrics",
    slow_seconds: float | None = None,
    registry: CollectorRegistry = REGISTRY,
) -> dict[str, Any]:
    """The arguments for `st.App` that put it under watch; the application's own go in here and are kept.

    `routes` are asked before the metrics route, `middleware` runs around ours, `on_script_error` is called after the
    error is counted and its answer is passed on. `slow_seconds` is when a script run becomes a log line "Slow
    request"; by default AI_MONITORING_SLOW_REQUEST_SECONDS, or 3. One watched application a process, as Streamlit has
    it.
    """
    scripts = ScriptMeter(registry, slow_seconds)
    sessions = SessionMeter(registry, lambda: streamlit.config.get_option("server.disconnectedSessionTTL"))
    install(scripts, sessions)

    def metrics(request: Request) -> Response:
        sessions.settle()
        return metrics_response(request, registry)

    arguments: dict[str, Any] = {
        "routes": [*routes, Route(metrics_path, metrics)],
        "middleware": [*middleware, Middleware(ConnectionMiddleware, registry=registry)],
    }
    if has_script_error_hook():
        arguments["on_script_error"] = scripts.error_handler(on_script_error)
    elif on_script_error is not None:
        arguments["on_script_error"] = on_script_error  # st.App says itself that this release has no such argument
    return arguments
