"""The names under which the viewer answers.

A web page elsewhere can point a name of its own at 127.0.0.1 (DNS rebinding) and would then read the viewer as its own
origin. The browser still sends that name as Host, so a strange one is refused.
"""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


class HostGuard:
    """Middleware. `further` are host names that are answered beside loopback's, without a port."""

    def __init__(self, app: ASGIApp, further: Collection[str] = ()) -> None:
        self.app = app
        self._hosts = LOOPBACK | {name.lower() for name in further}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and _host(scope) not in self._hosts:
            known = ", ".join(sorted(self._hosts))
            refusal = PlainTextResponse(f"This viewer answers under {known} only.\n", status_code=421)
            await refusal(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _host(scope: Scope) -> str:
    """The Host header without its port, in lower case."""
    value = Headers(scope=scope).get("host", "").lower()
    name, colon, port = value.rpartition(":")
    return name if colon and port.isdigit() else value
