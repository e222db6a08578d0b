"""Logs and traces: one set-up call, redaction, shipping over OTLP.

ai_monitoring.telemetry.set_up("shop")
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ai_monitoring.telemetry.setup import set_up as set_up
    from ai_monitoring.telemetry.setup import shut_down as shut_down


def __getattr__(name: str) -> Any:
    # Whoever opens spans imports this package, and needs no logging handlers.
    if name in {"set_up", "shut_down"}:
        from ai_monitoring.telemetry import setup

        return getattr(setup, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
