"""Calls from one service to another, timed with their outcome.

with service_call("django", "fastapi"):
    ...
client = watch_client(httpx2.Client(), caller="django", callee="fastapi")
"""

import asyncio
import inspect
import logging
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from enum import StrEnum
from functools import wraps
from typing import Any, ParamSpec, Self, TypeVar, cast

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.metrics.instrument import instrument
from ai_monitoring.web.meter import clock, current_trace
from ai_monitoring.web.request_spans import answered, client_span

logger = logging.getLogger("ai_monitoring.web")

P = ParamSpec("P")
R = TypeVar("R")
Client = TypeVar("Client")

# requests.Session sends each redirect through its own `send`: one call to the application, so one here.
_sending: ContextVar[frozenset[int]] = ContextVar("ai_monitoring_sending", default=frozenset())


class Outcome(StrEnum):
    """How a call ended."""

    OK = "ok"
    ERROR = "error"
    TIMEOUT = "timeout"


class service_call:  # noqa: N801 - used as a function, like contextlib's
    """Times a call under `service_call_duration_seconds{caller,callee,outcome}`: one `with`, or a decorator.

    Sync and async alike. The outcome is `timeout` where an exception says so by its class's name, or where the caller
    stopped waiting and cancelled; `error` for any other exception; else `ok`, unless the block sets `outcome` itself:

        with service_call("django", "fastapi") as call:
            response = send()
            if response.status >= 500:
                call.outcome = Outcome.ERROR
    """

    def __init__(self, caller: str, callee: str, registry: CollectorRegistry = REGISTRY) -> None:
        self.outcome = Outcome.OK
        self._services = (caller, callee)
        self._registry = registry
        self._durations = instrument("service_call_duration_seconds", registry)
        self._start = 0.0
        try:
            for outcome in Outcome:
                self._durations.prepare((caller, callee, outcome.value))
        except Exception:
            self._failed()

    def __enter__(self) -> Self:
        self._start = clock()
        return self

    def __exit__(self, cls: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        seconds = clock() - self._start
        outcome = self.outcome if error is None else outcome_of(error)
        try:
            self._durations[*self._services, Outcome(outcome).value].observe(seconds, current_trace(None))
        except Exception:
            self._failed()

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(self, cls: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.__exit__(cls, error, trace)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def timed_async(*args: P.args, **kwargs: P.kwargs) -> Any:
                with self._another():
                    return await function(*args, **kwargs)

            return cast(Callable[P, R], timed_async)

        @wraps(function)
        def timed(*args: P.args, **kwargs: P.kwargs) -> R:
            with self._another():
                return function(*args, **kwargs)

        return timed

    def _failed(self) -> None:
        with suppress(Exception):
            instrument("ai_monitoring_instrumentation_errors_total", self._registry)["service_call"].inc()
        logger.debug("The call could not be measured", exc_info=True)

    def _another(self) -> "service_call":
        return service_call(*self._services, registry=self._registry)


def watch_client(client: Client, *, caller: str, callee: str, registry: CollectorRegistry = REGISTRY) -> Client:
    """Times every request that an httpx, httpx2 or requests client sends, as `service_call` does; returns the client.

    With traces on, each has a span and carries the W3C `traceparent` to the other service, whose spans join the trace.
    Sync and async clients alike. An answer of 500 or above is an `error`. Redirects are part of the call; a streamed
    answer is timed to its headers. Watching a client a second time changes nothing. Raises TypeError for an object
    without a `send` method that could be watched.
    """
    send = getattr(client, "send", None)
    if not callable(send):
        raise TypeError(f"watch_client takes an httpx, httpx2 or requests client, not {type(client).__name__}")
    if not hasattr(send, "watched_by_ai_monitoring"):
        call = service_call(caller, callee, registry)
        is_async = inspect.iscoroutinefunction(send)
        watched = _async_send(send, call, callee) if is_async else _sync_send(send, call, callee, id(client))
        watched.watched_by_ai_monitoring = True
        client.send = watched  # type: ignore[attr-defined]
    return client


def _async_send(send: Any, calls: service_call, callee: str) -> Any:
    @wraps(send)
    async def watched(*args: Any, **kwargs: Any) -> Any:
        with calls._another() as call, client_span(callee, args, kwargs) as span:
            response = await send(*args, **kwargs)
            answered(span, response)
            call.outcome = _outcome_of_answer(response)
            return response

    return watched


def _sync_send(send: Any, calls: service_call, callee: str, client: int) -> Any:
    @wraps(send)
    def watched(*args: Any, **kwargs: Any) -> Any:
        sending = _sending.get()
        if client in sending:
            return send(*args, **kwargs)
        token = _sending.set(sending | {client})
        try:
            with calls._another() as call, client_span(callee, args, kwargs) as span:
                response = send(*args, **kwargs)
                answered(span, response)
                call.outcome = _outcome_of_answer(response)
                return response
        finally:
            _sending.reset(token)

    return watched


def outcome_of(error: BaseException) -> Outcome:
    """The outcome of a call that ended in this exception, by the names of its class and their bases."""
    cancelled = isinstance(error, asyncio.CancelledError)
    named = any("timeout" in cls.__name__.lower() for cls in type(error).__mro__)
    return Outcome.TIMEOUT if cancelled or named else Outcome.ERROR


def _outcome_of_answer(response: Any) -> Outcome:
    status = getattr(response, "status_code", 0)
    return Outcome.ERROR if isinstance(status, int) and status >= 500 else Outcome.OK
