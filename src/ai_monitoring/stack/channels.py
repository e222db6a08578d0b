"""The ways to reach people that `.env` names: Slack, e-mail, and a service that notices when this machine falls silent.

A webhook, the heartbeat's address and an SMTP password are secrets.
"""

import re
from collections.abc import Mapping

from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.settings import CHANNELS, NAMES_OF_CHANNELS

AUDIENCES = ("critical", "warning", "ml")
"""Whom a message is for: two severities, and those who look after models (alerts with the label `audience: ml`)."""

_ADDRESSES = (*(f"SLACK_WEBHOOK_URL{end}" for end in ("", "_CRITICAL", "_WARNING", "_ML")), "HEARTBEAT_URL")

_LOCAL_RELAYS = ("localhost", "127.0.0.1", "::1")


def check(channels: Mapping[str, str], places: Mapping[str, str] | None = None) -> None:
    """Refuse channels that could reach nobody: StackError says which setting is wrong, without its value.

    `places` tells where each stands, such as `.env line 4, SMTP_PORT`.
    """
    where = places or {name: f"{name} in .env" for name in channels}
    _refuse_unknown(channels, where)
    for name in _ADDRESSES:
        if name in channels and not re.fullmatch(r"https?://[^\s/]+/\S+", channels[name]):
            begins = "https://, and has a path" if name == "HEARTBEAT_URL" else "https://hooks.slack.com/"
            raise StackError(f"{where[name]}: this is no address of a webhook.", f"It begins with {begins}.")
    if ("SMTP_HOST" in channels) != ("ALERT_EMAIL_TO" in channels):
        given, missing = ("SMTP_HOST", "ALERT_EMAIL_TO") if "SMTP_HOST" in channels else ("ALERT_EMAIL_TO", "SMTP_HOST")
        raise StackError(
            f"{where[given]} is set and {missing} is not: no e-mail could be sent.", f"Set {missing} in .env."
        )
    for name in ("ALERT_EMAIL_TO_ML", "ESCALATION_EMAIL_TO"):
        if name not in channels or "SMTP_HOST" in channels:
            continue
        raise StackError(
            f"{where[name]} is set and SMTP_HOST is not: no e-mail could be sent.",
            "Set SMTP_HOST and ALERT_EMAIL_TO in .env.",
        )
    if "SMTP_HOST" in channels and "@" not in sender(channels):
        raise StackError("There is no address that e-mail comes from.", "Set SMTP_FROM in .env.")
    if not _is_port(channels.get("SMTP_PORT", "587")):
        raise StackError(f"{where['SMTP_PORT']}: this is no port.", "Use a whole number, such as 587.")


def named(channels: Mapping[str, str]) -> str:
    """The channels in use, for a person: `Slack and e-mail`, or an empty text."""
    ways = [
        ("Slack", any(webhook(channels, name) for name in AUDIENCES)),
        ("e-mail", "SMTP_HOST" in channels),
    ]
    return " and ".join(name for name, used in ways if used)


def webhook(channels: Mapping[str, str], audience: str) -> str:
    """Slack's webhook for that audience: its own, or for a severity the one for all; empty without either.

    The ML channel gets no more than its own: the one for all has the same alert already.
    """
    own = channels.get(f"SLACK_WEBHOOK_URL_{audience.upper()}", "")
    return own if audience == "ml" else own or channels.get("SLACK_WEBHOOK_URL", "")


def recipients(channels: Mapping[str, str], audience: str) -> str:
    """Who is mailed, with commas between them; empty for nobody. Critical alerts are mailed, warnings where they would
    reach nobody else.
    """
    if audience == "ml":
        return channels.get("ALERT_EMAIL_TO_ML", "")
    mailed = "SMTP_HOST" in channels and (audience == "critical" or not webhook(channels, audience))
    return channels["ALERT_EMAIL_TO"] if mailed else ""


def reach(channels: Mapping[str, str], audience: str) -> bool:
    """Whether that audience is sent messages at all."""
    return bool(webhook(channels, audience) or recipients(channels, audience))


def sender(channels: Mapping[str, str]) -> str:
    """The address that e-mail comes from; empty without one."""
    return channels.get("SMTP_FROM") or channels.get("SMTP_USER", "")


def needs_encryption(channels: Mapping[str, str]) -> bool:
    """Whether e-mail leaves encrypted alone. A relay on this machine seldom has a certificate."""
    return channels["SMTP_HOST"] not in _LOCAL_RELAYS


def _refuse_unknown(channels: Mapping[str, str], where: Mapping[str, str]) -> None:
    for name in channels:
        if name not in CHANNELS:
            there = ", ".join(known for known in CHANNELS if known.startswith(NAMES_OF_CHANNELS))
            raise StackError(f"{where[name]}: there is no such channel, nobody would be told.", f"There are: {there}.")


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 1 <= int(text) <= 65535
