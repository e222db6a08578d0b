"""Authentication failures and intrusion attempts: counted by reason and kind, each a log line."""

import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext
from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.metrics.instrument import instrument
from ai_monitoring.web import intrusion
from ai_monitoring.web.auth import AuthFailures, Reason, is_login, reason_for
from ai_monitoring.web.django import sessions
from ai_monitoring.web.django.configuration import configuration
from ai_monitoring.web.django.routes import endpoint

NOT_AUTHENTICATED = frozenset({"authentication_failed", "not_authenticated", "token_not_valid"})
"""Codes with which the REST framework says 403 in place of 401, where its authentication class has no challenge."""

logger = logging.getLogger("ai_monitoring.auth")
_current: ContextVar[Any] = ContextVar("ai_monitoring_request", default=None)


class AuthFailureMiddleware:
    """Watches who is refused and who probes, from status, headers, path and query; a body is never read.

    A request counts once: by Django's own `user_login_failed` if that was sent, else by its 401 or 403. `registry` is
    where a subclass in a test counts instead.
    """

    sync_capable = True
    async_capable = True
    registry: CollectorRegistry = REGISTRY

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self._failures = AuthFailures("django", self.registry)
        attempts = instrument("django_intrusion_attempts_total", self.registry)
        self._attempts = {kind: attempts[kind.value] for kind in intrusion.Kind}
        self._client_address = configuration().client_address
        self._users = sessions.seen_users()
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)
        user_login_failed.connect(_note_failed_login, dispatch_uid="ai_monitoring.authentication")

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self._is_async:
            return self._answer(request)
        token = _current.set(request)
        try:
            response: HttpResponseBase = self.get_response(request)
        finally:
            _current.reset(token)
        self._examine(request, response)
        return response

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        token = _current.set(request)
        try:
            response: HttpResponseBase = await self.get_response(request)
        finally:
            _current.reset(token)
        self._examine(request, response)
        return response

    def _examine(self, request: HttpRequest, response: Any) -> None:
        status = response.status_code
        meta = request.META
        try:
            if status in (401, 403) or "ai_monitoring_login_failed" in request.__dict__:
                self._record_failure(request, response)
            kinds = intrusion.kinds(
                request.path_info, meta.get("QUERY_STRING", ""), meta.get("HTTP_USER_AGENT", ""), status == 404
            )
            if kinds:
                self._record_attempt(request, kinds[0])
            if self._users is not None and (user := sessions.user_of(request)) is not None:
                self._users.saw(user)
        except Exception:
            self._failures.failed()

    def _record_failure(self, request: HttpRequest, response: Any) -> None:
        reason = _reason(request, response)
        if reason is not None:
            self._failures.record(reason, endpoint(request), self._client(request))

    def _record_attempt(self, request: HttpRequest, kind: intrusion.Kind) -> None:
        """Once, by its gravest kind: alerts add the kinds up and speak of requests."""
        route, client = endpoint(request), self._client(request)
        self._attempts[kind].inc()
        logger.warning(
            "Intrusion attempt: %s at %s from %s",
            kind.value,
            route,
            client,
            extra={"kind": kind.value, "endpoint": route, "client": client},
        )

    def _client(self, request: HttpRequest) -> str:
        meta = request.META
        return self._client_address(meta.get("REMOTE_ADDR"), meta.get("HTTP_X_FORWARDED_FOR"))


def _note_failed_login(**_: Any) -> None:
    # By context, not by the signal's own request: that may be missing, or the REST framework's wrapper.
    request = _current.get()
    if request is not None:
        request.ai_monitoring_login_failed = True


def _reason(request: HttpRequest, response: Any) -> Reason | None:
    if "ai_monitoring_login_failed" in request.__dict__:
        return Reason.BAD_CREDENTIALS
    status, code = response.status_code, _code(response)
    if status == 403 and code in NOT_AUTHENTICATED:
        status = 401
    authorization = request.META.get("HTTP_AUTHORIZATION")
    if status == 401 and not authorization and code == "token_not_valid":
        return Reason.EXPIRED if _says_expired(response.data) else Reason.INVALID
    login = is_login(request.method or "", request.path_info)
    return reason_for(status, authorization, response.get("WWW-Authenticate"), login=login)


def _code(response: Any) -> str | None:
    """The REST framework's own word for why it refused, such as `not_authenticated`."""
    data = getattr(response, "data", None)
    return getattr(data.get("detail"), "code", None) if isinstance(data, dict) else None


def _says_expired(data: dict[str, Any]) -> bool:
    """Whether SimpleJWT refused a token in a body or cookie as expired: it says so in the user's language only."""
    details = [data.get("detail"), *(each.get("message") for each in data.get("messages", ()))]
    return any(str(detail) in ("Token is expired", gettext("Token is expired")) for detail in details)
