"""The ways to reach people that `.env` names: Slack, e-mail, and a service that notices when this machine falls silent.

A webhook, the heartbeat's address and an SMTP password are secrets.
"""

import re
from collections.abc import Mapping

from ai_monitoring.stack.errors import StackError

AUDIENCES = ("critical", "warning", "ml")
"""Whom a message is for: two severities, and those who look after models (alerts with the label `audience: ml`)."""

_RECIPIENTS = {"critical": "ALERT_EMAIL_TO", "warning": "ALERT_EMAIL_TO", "ml": "ALERT_EMAIL_TO_ML"}
_LOCAL_RELAYS = ("localhost", "127.0.0.1", "::1")


def check(channels: Mapping[str, str], places: Mapping[str, str] | None = None) -> None:
    """Refuse channels that could reach nobody: StackError says which setting is wrong, without its value.

    `places` tells where each stands, such as `.env line 4, SMTP_PORT`.
    """
    where = places or {name: f"{name} in .env" for name in channels}
    for name in channels:
        if name.startswith("SLACK_WEBHOOK_URL") and not re.fullmatch(r"https?://[^\s/]+/\S+", channels[name]):
            raise StackError(
                f"{where[name]}: this is no address of a webhook.", "It begins with https://hooks.slack.com/."
            )
    if not re.fullmatch(r"|https?://[^\s/]+(/\S*)?", channels.get("HEARTBEAT_URL", "")):
        raise StackError(
            f"{where['HEARTBEAT_URL']}: this is no address to send a heartbeat to.", "It begins with https://."
        )
    if ("SMTP_HOST" in channels) != ("ALERT_EMAIL_TO" in channels):
        given, missing = ("SMTP_HOST", "ALERT_EMAIL_TO") if "SMTP_HOST" in channels else ("ALERT_EMAIL_TO", "SMTP_HOST")
        raise StackError(
            f"{where[given]} is set and {missing} is not: no e-mail could be sent.", f"Set {missing} in .env."
        )
    if "ALERT_EMAIL_TO_ML" in channels and "SMTP_HOST" not in channels:
        raise StackError(
            f"{where['ALERT_EMAIL_TO_ML']} is set and SMTP_HOST is not: no e-mail could be sent.",
            "Set SMTP_HOST in .env.",
        )
    if "SMTP_HOST" in channels and "@" not in sender(channels):
        raise StackError("There is no address that e-mail comes from.", "Set SMTP_FROM in .env.")
    if not _is_port(channels.get("SMTP_PORT", "587")):
        raise StackError(f"{where['SMTP_PORT']}: this is no port.", "Use a whole number, such as 587.")


def named(channels: Mapping[str, str]) -> str:
    """The channels in use, for a person: `Slack and e-mail`, or an empty text."""
    ways = [
        ("Slack", any(webhook(channels, audience) for audience in AUDIENCES)),
        ("e-mail", "SMTP_HOST" in channels),
    ]
    return " and ".join(name for name, used in ways if used)


def webhook(channels: Mapping[str, str], audience: str) -> str:
    """Slack's webhook for that audience: its own, or for a severity the one for all; empty without either."""
    shared = "" if audience == "ml" else channels.get("SLACK_WEBHOOK_URL", "")
    return channels.get(f"SLACK_WEBHOOK_URL_{audience.upper()}") or shared


def recipients(channels: Mapping[str, str], audience: str) -> str:
    """Who is mailed, with commas between them; empty for nobody. Critical alerts are mailed, warnings where they would
    reach nobody else, alerts of models where they have an address of their own.
    """
    mailed = audience != "warning" or not webhook(channels, audience)
    return channels.get(_RECIPIENTS[audience], "") if mailed and "SMTP_HOST" in channels else ""


def sender(channels: Mapping[str, str]) -> str:
    """The address that e-mail comes from; empty without one."""
    return channels.get("SMTP_FROM") or channels.get("SMTP_USER", "")


def needs_encryption(channels: Mapping[str, str]) -> bool:
    """Whether e-mail leaves encrypted alone. A relay on this machine seldom has a certificate."""
    return channels["SMTP_HOST"] not in _LOCAL_RELAYS


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 1 <= int(text) <= 65535
