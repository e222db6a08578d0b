"""Who wants to know of a call that has ended: the collector of AI requests. Texts go there in memory only."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry

from ai_monitoring.llm.errors import count_error
from ai_monitoring.llm.meter import CallResult


@dataclass(frozen=True, slots=True)
class Told:
    """What an SDK's call said: the provider's id of its answer, the request's body, the pieces of the answer."""

    id: str | None = None
    body: Any = field(default=None, repr=False)
    pieces: tuple[str, ...] = field(default=(), repr=False)


Listener = Callable[[CallResult, Told | None, CollectorRegistry], None]
"""Called where the call ended, with None for a call whose texts are not known; it may not wait for anything."""

_listeners: tuple[Listener, ...] = ()


def listen(listener: Listener) -> None:
    """Tell `listener` of every call from now on."""
    global _listeners
    _listeners = (*_listeners, listener)


def leave(listener: Listener) -> None:
    """Tell it no more."""
    global _listeners
    _listeners = tuple(other for other in _listeners if other != listener)


def tell(result: CallResult, told: Told | None, registry: CollectorRegistry) -> None:
    """Say that a call has ended and was counted in `registry`. An error of a listener stays here."""
    for listener in _listeners:
        try:
            listener(result, told, registry)
        except Exception:
            count_error("llm", registry)
