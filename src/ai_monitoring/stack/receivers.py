"""The channels of `.env` as receivers in Alertmanager's file.

Secrets stand in files of their own, which Alertmanager reads at use; the heartbeat's address is in the file itself, as
Alertmanager 0.25 takes it nowhere else, and that file is for Alertmanager alone.
Reference: https://prometheus.io/docs/alerting/latest/configuration/#receiver-integration-settings
"""

import json
import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from ai_monitoring.stack import channels as ways
from ai_monitoring.stack import messages
from ai_monitoring.stack.settings import Settings

_SLOT = re.compile(r"^ *# channels: (?P<audience>critical|warning|ml|heartbeat)\n", re.MULTILINE)
_AUTHORITIES = "smtp_ca.pem"
_INCIDENTS = re.compile(r"url: (?P<address>http://\S+)/alertmanager$", re.MULTILINE)


def files(text: str, settings: Settings, folder: PurePath, *, local: bool) -> dict[str, str]:
    """All that Alertmanager reads, by the file's name: its rendered file, the templates of its messages, and the
    secrets; it finds them in `folder`.

    Raises StackError for channels that could reach nobody.
    """
    ways.check(settings.channels, settings.places)
    return {
        "alertmanager.yml": render(text, settings.channels, folder),
        **messages.templates(settings, local=local),
        **secrets(settings.channels),
    }


def secrets(channels: Mapping[str, str]) -> dict[str, str]:
    """What must stand in files that Alertmanager alone can read, by the file's name; with whom it trusts."""
    found = {f"slack_webhook_url_{audience}": ways.webhook(channels, audience) for audience in ways.AUDIENCES}
    if "SMTP_HOST" in channels:
        found |= {"smtp_password": channels.get("SMTP_PASSWORD", ""), _AUTHORITIES: ways.authorities(channels)}
    return {name: value for name, value in found.items() if value}


def render(text: str, channels: Mapping[str, str], folder: PurePath) -> str:
    """Alertmanager's file with each `# channels:` line replaced by what is configured; the secrets lie in `folder`."""
    incidents = _INCIDENTS.search(text)

    def receivers(slot: re.Match[str]) -> str:
        if slot["audience"] == "heartbeat":
            return _heartbeat(channels)
        people = _slack(channels, slot["audience"], folder) + _email(channels, slot["audience"], folder)
        return people + _told(incidents["address"], slot["audience"]) if people and incidents else people

    return _SLOT.sub(receivers, text)


def _slack(channels: Mapping[str, str], audience: str, folder: PurePath) -> str:
    if not ways.webhook(channels, audience):
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
    recipients = ways.recipients(channels, audience)
    if not recipients:
        return ""
    password = channels.get("SMTP_PASSWORD")
    lines = {
        "smarthost": f"{channels['SMTP_HOST']}:{channels.get('SMTP_PORT', '587')}",
        "from": ways.sender(channels),
        # A user without a password is the sender's address alone: Alertmanager would refuse to log in.
        "auth_username": channels.get("SMTP_USER") if password else None,
        "auth_password_file": str(folder / "smtp_password") if password else None,
        # STARTTLS, that is: Alertmanager 0.25 asks for it at port 465 too, within the encrypted connection.
        "require_tls": ways.needs_starttls(channels),
        # Of each receiver its own: there is a global one from 0.28 on alone.
        "tls_config": {"ca_file": str(folder / _AUTHORITIES)} if "SMTP_CA_FILE" in channels else None,
        "send_resolved": True,
        "headers": {"Subject": messages.name("email.subject")},
        "text": messages.name("email.text"),
        "html": messages.name("email.html"),
    }
    return f"    email_configs:\n      - to: {json.dumps(recipients)}\n{_settings(lines)}"


def _told(incidents: str, audience: str) -> str:
    """The incident log learns that these people were sent a message."""
    return _webhook(f"{incidents}/notified/{audience}", {"send_resolved": True})


def _heartbeat(channels: Mapping[str, str]) -> str:
    address = channels.get("HEARTBEAT_URL")
    # The end of the sign of life is no sign of life.
    return _webhook(address, {"send_resolved": False}) if address else ""


def _webhook(address: str, lines: Mapping[str, Any]) -> str:
    return f"    webhook_configs:\n      - url: {json.dumps(address)}\n{_settings(lines)}"


def _settings(lines: Mapping[str, Any]) -> str:
    return "".join(f"        {name}: {json.dumps(value)}\n" for name, value in lines.items() if value is not None)
