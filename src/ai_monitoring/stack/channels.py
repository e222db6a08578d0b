"""The ways to reach people, from `.env` into Alertmanager's file: Slack, e-mail, a heartbeat.

A Slack webhook and an SMTP password are secrets: each stands in a file of its own, which Alertmanager reads at use.
So is the heartbeat's address, but Alertmanager 0.25 reads it from its configuration alone, whose copy is as private.
Reference: https://prometheus.io/docs/alerting/latest/configuration/#receiver-integration-settings
"""

import json
import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from ai_monitoring.stack import messages
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.settings import CHANNELS, NAMES_OF_CHANNELS, Settings

_SLOT = re.compile(r"^ *# channels: (?P<slot>critical|warning|ml|heartbeat)\n", re.MULTILINE)
SEVERITIES = ("critical", "warning")
"""Those that a message is sent for."""

AUDIENCES = (*SEVERITIES, "ml")
"""Who is told, by receiver. `ml` is told of alerts labelled `audience: ml`, beside the severity's own."""

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
    if "ALERT_EMAIL_TO_ML" in channels and "SMTP_HOST" not in channels:
        raise StackError(
            f"{where['ALERT_EMAIL_TO_ML']} is set and SMTP_HOST is not: no e-mail could be sent.",
            "Set SMTP_HOST and ALERT_EMAIL_TO in .env.",
        )
    if "SMTP_HOST" in channels and "@" not in sender(channels):
        raise StackError("There is no address that e-mail comes from.", "Set SMTP_FROM in .env.")
    if not _is_port(channels.get("SMTP_PORT", "587")):
        raise StackError(f"{where['SMTP_PORT']}: this is no port.", "Use a whole number, such as 587.")


def secrets(channels: Mapping[str, str]) -> dict[str, str]:
    """What must stand in files that Alertmanager alone can read, by the file's name."""
    found = {f"slack_webhook_url_{audience}": webhook(channels, audience) for audience in AUDIENCES}
    if "SMTP_HOST" in channels:
        found["smtp_password"] = channels.get("SMTP_PASSWORD", "")
    return {name: value for name, value in found.items() if value}


def render(text: str, channels: Mapping[str, str], folder: PurePath) -> str:
    """Alertmanager's file with each `# channels:` line replaced by what is configured; the secrets lie in `folder`."""

    def receivers(slot: re.Match[str]) -> str:
        if slot["slot"] == "heartbeat":
            return _heartbeat(channels)
        return _slack(channels, slot["slot"], folder) + _email(channels, slot["slot"], folder)

    return _SLOT.sub(receivers, text)


def files(text: str, settings: Settings, folder: PurePath, *, local: bool) -> dict[str, str]:
    """All that Alertmanager reads, by the file's name: its rendered file, the templates of its messages, and the
    secrets; it finds them in `folder`.

    Raises StackError for channels that could reach nobody.
    """
    check(settings.channels, settings.places)
    return {
        "alertmanager.yml": render(text, settings.channels, folder),
        **messages.templates(settings, local=local),
        **secrets(settings.channels),
    }


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


def _heartbeat(channels: Mapping[str, str]) -> str:
    if "HEARTBEAT_URL" not in channels:
        return ""
    # The end of the sign of life is no sign of life.
    lines = {"send_resolved": False}
    return f"    webhook_configs:\n      - url: {json.dumps(channels['HEARTBEAT_URL'])}\n{_settings(lines)}"


def _slack(channels: Mapping[str, str], audience: str, folder: PurePath) -> str:
    if not webhook(channels, audience):
        return ""
    lines = {
        "send_resolved": True,
        "title": messages.name("slack.title"),
        "title_link": messages.name("slack.link"),
        "fallback": messages.name("slack.title"),
        "color": messages.name("slack.color"),
        "text": messages.name("slack.text"),
    }
    file = json.dumps(str(folder / f"slack_webhook_url_{audience}"))
    return f"    slack_configs:\n      - api_url_file: {file}\n{_settings(lines)}"


def _email(channels: Mapping[str, str], audience: str, folder: PurePath) -> str:
    to = recipients(channels, audience)
    if not to:
        return ""
    password = channels.get("SMTP_PASSWORD")
    lines = {
        "smarthost": f"{channels['SMTP_HOST']}:{channels.get('SMTP_PORT', '587')}",
        "from": sender(channels),
        # A user without a password is the sender's address alone: Alertmanager would refuse to log in.
        "auth_username": channels.get("SMTP_USER") if password else None,
        "auth_password_file": str(folder / "smtp_password") if password else None,
        "require_tls": needs_encryption(channels),
        "send_resolved": True,
        "headers": {"Subject": messages.name("email.subject")},
        "text": messages.name("email.text"),
        "html": messages.name("email.html"),
    }
    return f"    email_configs:\n      - to: {json.dumps(to)}\n{_settings(lines)}"


def _settings(lines: Mapping[str, Any]) -> str:
    return "".join(f"        {name}: {json.dumps(value)}\n" for name, value in lines.items() if value is not None)
