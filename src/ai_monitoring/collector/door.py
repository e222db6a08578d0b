"""The door: what comes in is checked, put right where it is odd, and knows its user by a pseudonym from here on."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from time import time
from typing import Any, Final

from prometheus_client import CollectorRegistry

from ai_monitoring.collector import checks
from ai_monitoring.collector.admission import Admission
from ai_monitoring.collector.checks import Check, optional
from ai_monitoring.collector.request import AIRequest
from ai_monitoring.llm.accounting import labels
from ai_monitoring.metrics.declaration import OTHER
from ai_monitoring.metrics.instrument import instrument

_DAY: Final = 86_400.0
_DAY_MS: Final = _DAY * 1000
_MAX_INPUT: Final = 10_000_000
"""Tokens; the largest context window of 2026."""
_MAX_OUTPUT: Final = 1_000_000
_MAX_MONEY: Final = 1e9
_MIN_TIMESTAMP: Final = 946_684_800.0
"""The year 2000: a clock that was never set."""

_NAME = optional(checks.group_of(64))
_TIME = optional(checks.number(_DAY_MS, None))
_CHECKS: Final[dict[str, Check]] = {
    "request_id": checks.name_of(128),
    "provider": checks.name_of(128),
    "model": checks.name_of(128),
    "prompt": checks.text(checks.MAX_TEXT),
    "response": checks.text(checks.MAX_TEXT),
    "input_tokens": checks.tokens(_MAX_INPUT),
    "output_tokens": checks.tokens(_MAX_OUTPUT),
    "cache_read_tokens": checks.tokens(_MAX_INPUT),
    "cache_write_tokens": checks.tokens(_MAX_INPUT),
    "reasoning_tokens": checks.tokens(_MAX_OUTPUT),
    "latency_ms": checks.number(_DAY_MS, 0.0),
    "time_to_first_token_ms": _TIME,
    "inference_time_ms": _TIME,
    "context": checks.several(100, checks.text(16_384)),
    "documents": checks.several(100, checks.name_of(128)),
    "confidence": optional(checks.number(1.0, None)),
    "error": optional(checks.text(256)),
    "rate_limited": checks.switch,
    "cache_hit": checks.switch,
    "user": optional(checks.text(1024)),
    "consent": optional(checks.switch),
    "legal_basis": _NAME,
    "purpose": _NAME,
    "business_value": optional(checks.number(_MAX_MONEY, None)),
    "team": _NAME,
    "project": _NAME,
    "operation": checks.group_of(64),
    "timestamp": optional(checks.number(1e12, None)),
}
_LABELS: Final = ("model", "purpose")
_DEFAULTS: Final = {field.name: field.default for field in fields(AIRequest)}


class Door:
    """Lets requests in, and counts what it put right by field."""

    def __init__(self, registry: CollectorRegistry, pseudonym: Callable[[str], str]) -> None:
        self._pseudonym = pseudonym
        self._clamped = instrument("ai_requests_clamped_total", registry)
        for name in _CHECKS:
            self._clamped.prepare(name)

    def admit(self, request: AIRequest) -> Admission:
        """The request with values that can be true, its time, team and project, and a pseudonym for its user. Raises
        TypeError or ValueError.
        """
        values, odd = _checked(request)
        fitted = _fitted(values)
        for name in odd | fitted.keys():
            self._clamped[name].inc()
        values |= fitted
        user = values["user"]
        values["user"] = user and self._pseudonym(user)
        return Admission(AIRequest(**values | _told_elsewhere(values)))


def check(request: AIRequest) -> AIRequest:
    """The same request. Raises TypeError or ValueError for what is wrong by type."""
    _checked(request)
    return request


def _checked(request: AIRequest) -> tuple[dict[str, Any], set[str]]:
    """The values to go on with, by field, and the fields that were odd. A default needs no check; a number that came as
    another type is not odd.
    """
    if not isinstance(request, AIRequest):
        raise TypeError(f"a request is of type {type(request).__name__}: give an AIRequest")
    values, odd = {}, set()
    for name, check in _CHECKS.items():
        given = values[name] = getattr(request, name)
        if given is _DEFAULTS[name]:
            continue
        value = values[name] = check(name, given)
        if value is not given and value != given:
            odd.add(name)
    return values, odd


def _fitted(values: Mapping[str, Any]) -> dict[str, Any]:
    """What cannot be true beside the other fields: no part is larger than its whole, no time is before or after all;
    and no label is the user's own name.
    """
    read = min(values["cache_read_tokens"], values["input_tokens"])
    most: dict[str, float] = {
        "cache_read_tokens": read,
        "cache_write_tokens": values["input_tokens"] - read,
        "reasoning_tokens": values["output_tokens"],
    }
    if values["latency_ms"] > 0:
        most |= {"time_to_first_token_ms": values["latency_ms"], "inference_time_ms": values["latency_ms"]}
    fitted: dict[str, Any] = {name: limit for name, limit in most.items() if (values[name] or 0) > limit}
    timestamp = values["timestamp"]
    if timestamp is not None and not _MIN_TIMESTAMP <= timestamp <= time() + _DAY:
        fitted["timestamp"] = time()
    if values["user"]:
        fitted |= dict.fromkeys((name for name in _LABELS if values[name] == values["user"]), OTHER)
    return fitted


def _told_elsewhere(values: Mapping[str, Any]) -> dict[str, Any]:
    """The caller's context is gone where a worker's thread takes over."""
    team, project = labels(values["team"], values["project"])
    timestamp = values["timestamp"]
    return {"team": team, "project": project, "timestamp": time() if timestamp is None else timestamp}
