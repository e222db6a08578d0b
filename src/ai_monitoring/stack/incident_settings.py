"""What the incident service has to know of `.env`: a file of its own, as it holds the SMTP password."""

import json

from ai_monitoring.stack import channels, links
from ai_monitoring.stack.rendering import HOST
from ai_monitoring.stack.settings import Settings

FILE = "settings.json"

_NAMES = (
    *("SMTP_HOST", "SMTP_PORT", "SMTP_USER", "SMTP_PASSWORD", "SMTP_FROM", "ALERT_EMAIL_TO"),
    *("ESCALATION_EMAIL_TO", "ESCALATION_SLACK_WEBHOOK_URL"),
)
_TEXTS = ("DIGEST_TIME", "DIGEST_TIME_ZONE", "DIGEST_WEEKDAY", "ESCALATE_AFTER", "INCIDENTS_RETENTION_DAYS")


def text(settings: Settings, *, local: bool) -> str:
    """The file's text: a JSON object of settings by the names that `.env` gives them, without those not set.

    Beside them whom to trust as a mail server, where Alertmanager answers (ALERTMANAGER), and where links lead (LINKS).
    """
    known = {name: settings.channels[name] for name in _NAMES if name in settings.channels}
    alertmanager = f"{HOST}:{settings.ports['ALERTMANAGER_PORT']}" if local else "alertmanager:9093"
    more = {
        channels.AUTHORITIES: channels.authorities(settings.channels),
        "ALERTMANAGER": f"http://{alertmanager}",
        "LINKS": links.addresses(settings, local=local),
    }
    return json.dumps({**known, **{name: settings.texts[name] for name in _TEXTS}, **more})
