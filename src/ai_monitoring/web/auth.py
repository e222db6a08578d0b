"""Why a request failed authentication: told by its status and headers, counted and logged without the secret."""

import base64
import json
import logging
import re
from contextlib import suppress
from enum import StrEnum
from time import time
from typing import Any, Final, Literal

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.metrics.instrument import instrument

TOKEN_LENGTH: Final = 16_384
"""Characters beyond which a token is not read: reading costs the application time."""

LOGIN_SEGMENTS: Final = frozenset(
    {"auth", "authenticate", "jwt", "login", "obtain", "session", "sessions", "signin", "sign-in", "token", "tokens"}
)
"""Last path segments under which a POST without an Authorization header brings its credentials in the body."""

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")

logger = logging.getLogger("ai_monitoring.auth")


class Reason(StrEnum):
    """The closed set of reasons: each is a label value, present at 0 from the start."""

    BAD_CREDENTIALS = "bad_credentials"
    MISSING = "missing"
    EXPIRED = "expired"
    INVALID = "invalid"
    MALFORMED = "malformed"
    FORBIDDEN = "forbidden"


class AuthFailures:
    """Counts failures under `<prefix>_auth_failures_total{reason}`, and logs each with its route and client."""

    def __init__(self, prefix: Literal["django", "fastapi"], registry: CollectorRegistry = REGISTRY) -> None:
        failures = instrument(f"{prefix}_auth_failures_total", registry)
        self._failures = {reason: failures[reason.value] for reason in Reason}
        self._errors = instrument("ai_monitoring_instrumentation_errors_total", registry)[f"{prefix}_auth"]

    def record(self, reason: Reason, endpoint: str, client: str) -> None:
        """Count and log one failure. `client` is an address as ClientAddress shows it, never a raw one."""
        self._failures[reason].inc()
        logger.warning(
            "Authentication failure: %s at %s from %s",
            reason.value,
            endpoint,
            client,
            extra={"reason": reason.value, "endpoint": endpoint, "client": client},
        )

    def failed(self) -> None:
        """Count and log an error of ours, and keep it from the application. Called in an except clause."""
        with suppress(Exception):
            self._errors.inc()
        logger.debug("The failure could not be recorded", exc_info=True)


def reason_for(
    status: int, authorization: str | None = None, challenge: str | None = None, *, login: bool = False
) -> Reason | None:
    """Why an answer with this status refused its request, or None where it did not (any status but 401 and 403).

    `authorization` is the request's header, `challenge` the answer's WWW-Authenticate; `login` says that the request
    brought its credentials in its body (see `is_login`). A token is read without verification and kept nowhere.
    """
    if status == 403:
        return Reason.FORBIDDEN
    if status != 401:
        return None
    scheme, _, credentials = (authorization or "").strip().partition(" ")
    if not scheme:
        return Reason.BAD_CREDENTIALS if login else Reason.MISSING
    if scheme.lower() not in {"bearer", "jwt"}:
        return Reason.BAD_CREDENTIALS
    if _says_expired(challenge):
        return Reason.EXPIRED
    return token_reason(credentials.strip())


def token_reason(token: str) -> Reason:
    """Why a refused bearer token was refused: malformed (no JWT by RFC 7519), expired, or invalid.

    A service whose bearer tokens are opaque sees each wrong one as malformed.
    """
    claims = _claims(token)
    if claims is None:
        return Reason.MALFORMED
    expiry = claims.get("exp")
    expired = isinstance(expiry, int | float) and expiry <= time()
    return Reason.EXPIRED if expired else Reason.INVALID


def is_login(method: str, path: str) -> bool:
    """Whether a request looks like a login: a POST to a path that ends in such a word as `login` or `token`."""
    return method == "POST" and path.rstrip("/").rpartition("/")[2].lower() in LOGIN_SEGMENTS


def _says_expired(challenge: str | None) -> bool:
    """RFC 6750: `Bearer error="invalid_token", error_description="The access token expired"`."""
    return "invalid_token" in (text := (challenge or "").lower()) and "expired" in text


def _claims(token: str) -> dict[str, Any] | None:
    parts = token.split(".") if len(token) <= TOKEN_LENGTH else []
    if len(parts) != 3 or not all(map(_BASE64URL.fullmatch, parts)):
        return None
    header, payload = _json_object(parts[0]), _json_object(parts[1])
    return None if header is None else payload


def _json_object(part: str) -> dict[str, Any] | None:
    try:
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
