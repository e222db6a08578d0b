"""ASGI services (FastAPI, Starlette) under watch:

app.add_middleware(PrometheusMiddleware)
app.get("/metrics")(metrics_endpoint)
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.telemetry import spans
from ai_monitoring.web.auth import AuthFailures, is_login, reason_for
from ai_monitoring.web.client import ClientAddress
from ai_monitoring.web.meter import CLIENT_CLOSED, SCOPE_KEY, UNMATCHED, RequestMeter, clock, slow_request_seconds
from ai_monitoring.web.request_spans import begin_server_span, end_server_span
from ai_monitoring.web.routes import RouteTemplates, Scope

if TYPE_CHECKING:
    from ai_monitoring.web.scrape import metrics_endpoint as metrics_endpoint

Message = Any
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

AUTH_KEY: Final = "ai_monitoring.auth"
"""Where a scope says that its answer is watched, so that a sub-application's own middleware does not count it again."""

# A framework makes its middlewares when the service already runs, and servers take what they raise then for a service
# without lifespan. So a wrong setting is told here, where it stops the start.
slow_request_seconds()
ClientAddress.from_environment()


def __getattr__(name: str) -> Any:
    # The endpoint needs Starlette, which the middleware does not import.
    if name == "metrics_endpoint":
        from ai_monitoring.web.scrape import metrics_endpoint

        return metrics_endpoint
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class PrometheusMiddleware:
    """Counts and times each HTTP request, to the last byte of its answer, under its route template.

    An exception passes through untouched and counts as status 500. A client that goes away counts with the status that
    was sent, or 499. WebSockets and lifespan pass unmeasured, as does a request that a middleware further out measures
    already. `slow_seconds` is when a request becomes a log line: see RequestMeter.
    """

    def __init__(self, app: App, registry: CollectorRegistry = REGISTRY, slow_seconds: float | None = None) -> None:
        self.app = app
        self._meter = RequestMeter("fastapi", registry, slow_seconds)
        self._templates = RouteTemplates(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or SCOPE_KEY in scope:
            await self.app(scope, receive, send)
            return
        request = scope[SCOPE_KEY] = _Request(self._meter, self._templates, scope, send)
        app = _traced(self.app, request) if spans.is_on() else self.app
        try:
            await app(scope, receive, request.send)
        except Exception as error:
            if _client_left(error, send):
                request.end(request.status or CLIENT_CLOSED)
            else:
                request.raised(error)
            raise
        except BaseException:
            # Cancelled: the client is gone, or the server stops.
            request.end(request.status or CLIENT_CLOSED)
            raise
        else:
            request.end(request.status or 500)


def _traced(app: App, request: "_Request") -> App:
    """The application inside of the request's span."""

    async def traced(scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope.get("headers", ())}
        request.around = spans.current()
        request.span = begin_server_span(scope["method"], headers)
        with request.span.active():
            await app(scope, receive, send)

    return traced


class _Request:
    """One request under way. Its time ends with the last body message, so that background tasks do not add to it."""

    __slots__ = ("_meter", "_open", "_root_path", "_scope", "_send", "_start", "_templates", "around", "span", "status")

    def __init__(self, meter: RequestMeter, templates: RouteTemplates, scope: Scope, send: Send) -> None:
        self._meter = meter
        self._templates = templates
        self._scope = scope
        self._send = send
        self._root_path = scope.get("root_path", "")
        self._open = True
        self.status = 0
        self.around = self.span = spans.OFF
        meter.started()
        self._start = clock()

    @property
    def registry(self) -> CollectorRegistry:
        return self._meter.registry

    def send(self, message: Message) -> Awaitable[None]:
        kind = message["type"]
        if kind == "http.response.start":
            self.status = message["status"]
        elif kind == "http.response.body" and not message.get("more_body"):
            self.end(self.status)
        # Not a coroutine of its own: one layer less for each message.
        return self._send(message)

    def end(self, status: int) -> None:
        """Count the request, unless it was counted or skipped before."""
        if self._open:
            self._open = False
            seconds = clock() - self._start
            method, endpoint = self._scope["method"], self._endpoint()
            self._meter.finished(method, endpoint, status, seconds, self._traceparent)
            if self.span is not spans.OFF:
                end_server_span(self.span, method, endpoint, status)
            # A scope that holds its request is a cycle, which costs a garbage collection.
            self._scope.pop(SCOPE_KEY, None)

    def raised(self, error: Exception) -> None:
        """Count an exception of the application, even one of a background task after its answer."""
        self._meter.raised(self._endpoint(), error)
        self.span.fail(error)
        self.end(500)

    def skip(self) -> None:
        """Leave this request out of every metric and trace: a span that does not end goes nowhere."""
        if self._open:
            self._open = False
            self._meter.dropped()
            # FastAPI has its own span around; the exporter knows by this that it is not to leave.
            self.around.set(ai_monitoring__scrape=True)
            self._scope.pop(SCOPE_KEY, None)

    def _endpoint(self) -> str:
        try:
            return self._templates.of(self._scope, self._root_path)
        except Exception:
            self._meter.failed()
            return UNMATCHED

    def _traceparent(self) -> str | None:
        return self.span.traceparent or header(self._scope, b"traceparent")


class AuthFailureMiddleware:
    """Counts each answer of 401 or 403 under `fastapi_auth_failures_total{reason}`, and logs it with its client.

    403 is `forbidden`. 401 is `missing` without credentials, `bad_credentials` for Basic and other schemes and for a
    login (a POST to a path that ends in such a word as `login` or `token`), and for a bearer token `malformed` (no
    JWT), `expired` or `invalid`. Answers of the application count, not WebSocket refusals.
    """

    def __init__(
        self, app: App, registry: CollectorRegistry = REGISTRY, client_address: ClientAddress | None = None
    ) -> None:
        self.app = app
        self._failures = AuthFailures("fastapi", registry)
        self._client_address = client_address or ClientAddress.from_environment()
        self._templates = RouteTemplates(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or AUTH_KEY in scope:
            await self.app(scope, receive, send)
            return
        scope[AUTH_KEY] = True
        root_path = scope.get("root_path", "")

        def watched(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start" and message["status"] in (401, 403):
                self._record(scope, root_path, message)
            return send(message)

        await self.app(scope, receive, watched)

    def _record(self, scope: Scope, root_path: str, answer: Message) -> None:
        try:
            reason = reason_for(
                answer["status"],
                header(scope, b"authorization"),
                header(answer, b"www-authenticate"),
                login=is_login(scope["method"], scope["path"]),
            )
            peer = (scope.get("client") or (None,))[0]
            client = self._client_address(peer, header(scope, b"x-forwarded-for"))
            if reason is not None:
                self._failures.record(reason, self._templates.of(scope, root_path), client)
        except Exception:
            self._failures.failed()


def header(message: Scope, name: bytes) -> str | None:
    """A header of a scope or of an answer's start, all its occurrences joined by commas."""
    values = [value.decode("latin-1") for key, value in message.get("headers", ()) if key.lower() == name]
    return ",".join(values) or None


def _client_left(error: BaseException, send: Send) -> bool:
    """Whether the error only says that the client is gone: by its name, or because `send` itself raised it.

    An OSError may as well be the application's, such as a file that is missing, hence the look at where it came from.
    """
    if any(cls.__name__ in {"ClientDisconnect", "ClientDisconnected"} for cls in type(error).__mro__):
        return True
    if not isinstance(error, OSError):
        return False
    function = getattr(send, "__func__", send)
    code = getattr(function, "__code__", None) or getattr(type(send).__call__, "__code__", None)
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code is code:
            return True
        trace = trace.tb_next
    return False
