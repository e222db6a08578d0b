"""What Alertmanager keeps quiet now: alerts that were silenced after people had been told of them, by whatever tool."""

import logging

from ai_monitoring.stack import http

logger = logging.getLogger("ai_monitoring.incidents")


def fingerprints(alertmanager: str) -> frozenset[str]:
    """Those of the critical alerts that are silenced or inhibited there. None where it does not answer: a message too
    many is better than one too few.
    """
    try:
        alerts = http.get_json(f"{alertmanager}/api/v2/alerts", filter='severity="critical"')
        return frozenset(alert["fingerprint"] for alert in alerts if alert["status"]["state"] == "suppressed")
    except (OSError, ValueError, LookupError, TypeError) as error:
        logger.warning("Alertmanager does not say what it keeps quiet: %s", error)
        return frozenset()
