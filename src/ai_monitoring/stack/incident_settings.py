"""What the incident service has to know of `.env`: a file of its own, as it holds the SMTP password."""

import json

from ai_monitoring.stack.settings import Settings

FILE = "settings.json"

_NAMES = ("SMTP_HOST", "SMTP_PORT", "SMTP_USER", "SMTP_PASSWORD", "SMTP_FROM", "ALERT_EMAIL_TO", "ESCALATION_EMAIL_TO")
_TEXTS = ("DIGEST_TIME", "DIGEST_TIME_ZONE", "DIGEST_WEEKDAY", "ESCALATE_AFTER")


def text(settings: Settings) -> str:
    """The file's text: a JSON object of settings by the names that `.env` gives them, without those not set."""
    known = {name: settings.channels[name] for name in _NAMES if name in settings.channels}
    return json.dumps(known | {name: settings.texts[name] for name in _TEXTS})
