"""Keeping an error of ours from the application."""

import logging
from contextlib import suppress

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.metrics.instrument import instrument

logger = logging.getLogger("ai_monitoring.llm")


def count_error(component: str, registry: CollectorRegistry = REGISTRY) -> None:
    """Count and log an error of the instrumentation. Called in an except clause; never raises."""
    with suppress(Exception):
        instrument("ai_monitoring_instrumentation_errors_total", registry)[component].inc()
    logger.debug("The call could not be measured", exc_info=True)
