"""What Alertmanager has now. It sends nothing about what is silenced or inhibited there, by whatever tool."""

import logging
from typing import Any

from ai_monitoring.incidents.alert import Alert
from ai_monitoring.stack import http

logger = logging.getLogger("ai_monitoring.incidents")


def firing(address: str) -> list[Alert]:
    """The alerts that fire, whether people are told of them or not, without signs of life. Raises OSError or ValueError
    where it does not answer.
    """
    found = [Alert.read({**alert, "status": "firing"}) for alert in _alerts(address)]
    return [alert for alert in found if not alert.is_sign_of_life]


def suppressed(address: str) -> frozenset[str]:
    """The fingerprints of what is silenced or inhibited. None where it does not answer: a message too many is better
    than one too few.
    """
    try:
        alerts = _alerts(address)
        return frozenset(alert["fingerprint"] for alert in alerts if alert["status"]["state"] == "suppressed")
    except (OSError, ValueError, LookupError, TypeError) as error:
        logger.warning("Alertmanager does not say what it keeps quiet: %s", error)
        return frozenset()


def _alerts(address: str) -> list[dict[str, Any]]:
    """Raises OSError or ValueError."""
    alerts = http.get_json(f"{address}/api/v2/alerts")
    if not isinstance(alerts, list) or not all(isinstance(alert, dict) for alert in alerts):
        raise ValueError("this is no list of alerts")
    return alerts
