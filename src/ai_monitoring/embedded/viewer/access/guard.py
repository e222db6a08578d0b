"""The door: without a session nothing is seen, and with one nothing is changed."""

from html import escape
from urllib.parse import quote, urlencode

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ai_monitoring.embedded.viewer.access.login import local_path
from ai_monitoring.embedded.viewer.access.sessions import COOKIE, Sessions

_OPEN = frozenset({"/login", "/health"})
_POSTED = frozenset({"/login", "/logout"})


class SessionGuard:
    """Middleware. A page without a session leads to the login, and from there back; under /api it answers 401."""

    def __init__(self, app: ASGIApp, sessions: Sessions) -> None:
        self.app = app
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            answer = self._refusal(HTTPConnection(scope)) or self.app
            await answer(scope, receive, send)
        else:
            await send({"type": "websocket.close"})  # no page has any

    def _refusal(self, request: HTTPConnection) -> Response | None:
        path, method = request.url.path, request.scope["method"]
        if method not in ("GET", "HEAD") and not (method == "POST" and path in _POSTED):
            return PlainTextResponse("The viewer is read-only.\n", status_code=405, headers={"Allow": "GET, HEAD"})
        if path in _OPEN or path.startswith("/static/") or self._sessions.valid(request.cookies.get(COOKIE, "")):
            return None
        if path.startswith("/api/"):
            return JSONResponse({"error": "Not signed in: sign in at /login."}, status_code=401)
        return _to_login(request)


def _to_login(request: HTTPConnection) -> Response:
    address = local_path(quote(request.url.path) + (f"?{request.url.query}" if request.url.query else ""))
    if request.headers.get("sec-fetch-site") == "cross-site" and COOKIE not in request.cookies:
        # A link in another site, such as an alert in a chat: the browser keeps a strict cookie back on it, and sends it
        # when this page itself asks again.
        page = f'<!doctype html><meta http-equiv="refresh" content="0;url={escape(address)}"><title>…</title>'
        return HTMLResponse(page)
    return RedirectResponse(f"/login?{urlencode({'next': address})}", status_code=303)
