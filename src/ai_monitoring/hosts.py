"""The names under which the ports answer, and whose requests they take.

A web page elsewhere can point a name of its own at 127.0.0.1 (DNS rebinding) and would then read logs, traces and
dashboards as its own origin. The browser still sends that name as Host, so a strange one is refused.
"""

from collections.abc import Set as AbstractSet

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


class HostGuard:
    """Middleware that answers requests by a strange name, none of `names`, with 421."""

    def __init__(self, app: ASGIApp, names: AbstractSet[str] = LOOPBACK) -> None:
        self.app = app
        self.names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and _host(scope) not in self.names:
            known = ", ".join(sorted(self.names))
            told = f"This port answers under {known} only: use one of these names in the address.\n"
            refusal = PlainTextResponse(told, status_code=421)
            await refusal(scope, receive, send)
            return
        await self.app(scope, receive, send)


def from_another_site(headers: Headers) -> bool:
    """Whether a browser sends this on behalf of another site's page. A program names no origin."""
    origin = headers.get("origin")
    foreign = origin is not None and origin.partition("://")[2] != headers.get("host")
    return foreign or headers.get("sec-fetch-site", "none") not in ("none", "same-origin")


def _host(scope: Scope) -> str:
    """The Host header without its port, in lower case."""
    value = Headers(scope=scope).get("host", "").lower()
    name, colon, port = value.rpartition(":")
    return name if colon and port.isdigit() else value
