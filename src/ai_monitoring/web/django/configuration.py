"""What a project sets: the AI_MONITORING dictionary of its Django settings, laid over the environment."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.encoding import force_bytes

from ai_monitoring.web.client import ClientAddress
from ai_monitoring.web.meter import slow_request_seconds

KEYS: Final = (
    "ADDRESS_KEY",
    "CLIENT_ADDRESS",
    "SCRAPE_TIMEOUT_SECONDS",
    "SESSIONS",
    "SESSION_WINDOW_SECONDS",
    "SLOW_REQUEST_SECONDS",
    "TRUSTED_PROXIES",
)
"""Keys of the dictionary; each is also an environment variable, with AI_MONITORING_ before it."""


class Sessions(StrEnum):
    """What `django_sessions_active` counts: the session store's rows, or the users of requests; `auto` decides."""

    AUTO = "auto"
    STORE = "store"
    USERS = "users"


@dataclass(frozen=True)
class Configuration:
    """The settings in effect; times in seconds."""

    client_address: ClientAddress
    slow_request_seconds: float
    scrape_timeout_seconds: float
    sessions: Sessions
    session_window_seconds: float


def configuration() -> Configuration:
    """The settings in effect. Raises ImproperlyConfigured, which names the key and what it takes."""
    chosen = getattr(settings, "AI_MONITORING", {})
    _refuse_unknown(chosen)
    environ = {**os.environ, **{f"AI_MONITORING_{key}": _text(value) for key, value in chosen.items()}}
    environ.setdefault("AI_MONITORING_ADDRESS_KEY", secret_key("address").hex())
    try:
        return _parsed(environ)
    except ValueError as error:
        raise ImproperlyConfigured(f"{error} (an environment variable, or a key of AI_MONITORING)") from None


@lru_cache(maxsize=8)
def secret_key(purpose: str) -> bytes:
    """A key of 32 bytes made of SECRET_KEY: the same in every worker, and another for each purpose."""
    return hashlib.blake2b(force_bytes(settings.SECRET_KEY), person=purpose.encode(), digest_size=32).digest()


def _parsed(environ: Mapping[str, str]) -> Configuration:
    return Configuration(
        client_address=ClientAddress.from_environment(environ),
        slow_request_seconds=slow_request_seconds(environ),
        scrape_timeout_seconds=_seconds(environ, "AI_MONITORING_SCRAPE_TIMEOUT_SECONDS", 2.0),
        sessions=_sessions(environ),
        session_window_seconds=_seconds(environ, "AI_MONITORING_SESSION_WINDOW_SECONDS", 900.0),
    )


def _refuse_unknown(chosen: Any) -> None:
    if not isinstance(chosen, Mapping):
        raise ImproperlyConfigured(f"AI_MONITORING must be a dictionary, not {type(chosen).__name__}")
    for key in chosen:
        if key not in KEYS:
            near = get_close_matches(str(key).upper(), KEYS, n=1, cutoff=0.0)[0]
            raise ImproperlyConfigured(f"AI_MONITORING has no key {key!r}; did you mean {near!r}?")


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple | set | frozenset) else str(value)


def _seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name) or str(default)
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.0 < seconds < float("inf"):
        raise ValueError(f"{name}: {text!r} is not a number of seconds above 0, such as {default:g}")
    return seconds


def _sessions(environ: Mapping[str, str]) -> Sessions:
    text = environ.get("AI_MONITORING_SESSIONS") or Sessions.AUTO
    try:
        return Sessions(text)
    except ValueError:
        raise ValueError(f"AI_MONITORING_SESSIONS: {text!r} is not one of {', '.join(Sessions)}") from None
