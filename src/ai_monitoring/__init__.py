"""The watch over Python AI services: metrics in the application, and the stack that reads them.

collector = ai_monitoring.MetricsCollector(ai_monitoring.load_config())
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ai_monitoring.collector.collector import MetricsCollector as MetricsCollector
    from ai_monitoring.collector.context import MonitoringContext as MonitoringContext
    from ai_monitoring.collector.request import AIRequest as AIRequest
    from ai_monitoring.configuration import load_config as load_config

__version__ = "0.1.0"

_PLACES = {
    "AIRequest": "ai_monitoring.collector.request",
    "MetricsCollector": "ai_monitoring.collector.collector",
    "MonitoringContext": "ai_monitoring.collector.context",
    "load_config": "ai_monitoring.configuration",
}


def __getattr__(name: str) -> Any:
    # Nobody who imports a part of the package pays for the others.
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(_PLACES[name]), name)
    except ModuleNotFoundError as error:
        raise ImportError(f"{name} needs {error.name}: pip install 'ai-monitoring[record]'") from error
