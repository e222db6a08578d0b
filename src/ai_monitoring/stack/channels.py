"""The ways to reach people, from `.env` into Alertmanager's file: Slack and e-mail.

A Slack webhook and an SMTP password are secrets: each stands in a file of its own, which Alertmanager reads at use.
Reference: https://prometheus.io/docs/alerting/latest/configuration/#receiver-integration-settings
"""

import json
import re
from collections.abc import Mapping
from pathlib import PurePath

from ai_monitoring.stack.errors import StackError

_SLOT = re.compile(r"^ *# channels: (?P<severity>critical|warning)\n", re.MULTILINE)
_LOCAL_RELAYS = ("localhost", "127.0.0.1", "::1")

# What happened, what it means, what to do first, and where more stands.
_TEXT = """\
          {{ range .Alerts }}*{{ .Labels.alertname }}* {{ .Labels.service }}: {{ .Annotations.summary }}
          {{ .Annotations.first_step }}
          Runbook: {{ .Annotations.runbook }}
          {{ end }}"""
_TITLE = "{{ .Status | toUpper }}: {{ .CommonLabels.severity }}, {{ .Alerts | len }} alert(s)"


def check(channels: Mapping[str, str]) -> None:
    """Refuse channels that could reach nobody: StackError says which setting is wrong, without its value."""
    for name in ("SLACK_WEBHOOK_URL", "SLACK_WEBHOOK_URL_CRITICAL", "SLACK_WEBHOOK_URL_WARNING"):
        if name in channels and not re.fullmatch(r"https?://\S+", channels[name]):
            raise StackError(f"{name} in .env is no address of a webhook.", "It begins with https://hooks.slack.com/.")
    if ("SMTP_HOST" in channels) != ("ALERT_EMAIL_TO" in channels):
        given, missing = ("SMTP_HOST", "ALERT_EMAIL_TO") if "SMTP_HOST" in channels else ("ALERT_EMAIL_TO", "SMTP_HOST")
        raise StackError(f"{given} is set and {missing} is not: no e-mail could be sent.", f"Set {missing} in .env.")
    if "SMTP_HOST" in channels and "@" not in _sender(channels):
        raise StackError("There is no address that e-mail comes from.", "Set SMTP_FROM in .env.")
    if not re.fullmatch(r"\d{1,5}", channels.get("SMTP_PORT", "587")):
        raise StackError("SMTP_PORT in .env is no port.", "Use a whole number, such as 587.")


def secrets(channels: Mapping[str, str]) -> dict[str, str]:
    """What must stand in files that Alertmanager alone can read, by the file's name."""
    found = {f"slack_webhook_url_{severity}": _webhook(channels, severity) for severity in ("critical", "warning")}
    if "SMTP_HOST" in channels:
        found["smtp_password"] = channels.get("SMTP_PASSWORD", "")
    return {name: value for name, value in found.items() if value}


def render(text: str, channels: Mapping[str, str], folder: PurePath) -> str:
    """Alertmanager's file with each `# channels:` line replaced by what is configured; the secrets lie in `folder`."""

    def receivers(slot: re.Match[str]) -> str:
        return _slack(channels, slot["severity"], folder) + _email(channels, folder)

    return _SLOT.sub(receivers, text)


def files(text: str, channels: Mapping[str, str], folder: PurePath) -> dict[str, str]:
    """All that Alertmanager reads, by the file's name: its rendered file, and the secrets, found in `folder`.

    Raises StackError for channels that could reach nobody.
    """
    check(channels)
    return {"alertmanager.yml": render(text, channels, folder), **secrets(channels)}


def named(channels: Mapping[str, str]) -> str:
    """The channels in use, for a person: `Slack and e-mail`, or an empty text."""
    ways = [
        ("Slack", any(_webhook(channels, name) for name in ("critical", "warning"))),
        ("e-mail", "SMTP_HOST" in channels),
    ]
    return " and ".join(name for name, used in ways if used)


def _webhook(channels: Mapping[str, str], severity: str) -> str:
    return channels.get(f"SLACK_WEBHOOK_URL_{severity.upper()}") or channels.get("SLACK_WEBHOOK_URL", "")


def _sender(channels: Mapping[str, str]) -> str:
    return channels.get("SMTP_FROM") or channels.get("SMTP_USER", "")


def _slack(channels: Mapping[str, str], severity: str, folder: PurePath) -> str:
    if not _webhook(channels, severity):
        return ""
    return f"""\
    slack_configs:
      - api_url_file: {json.dumps(str(folder / f"slack_webhook_url_{severity}"))}
        send_resolved: true
        title: {json.dumps(_TITLE)}
        text: |-
{_TEXT}
"""


def _email(channels: Mapping[str, str], folder: PurePath) -> str:
    if "SMTP_HOST" not in channels:
        return ""
    host = channels["SMTP_HOST"]
    lines = {
        "smarthost": f"{host}:{channels.get('SMTP_PORT', '587')}",
        "from": _sender(channels),
        "auth_username": channels.get("SMTP_USER"),
        "auth_password_file": str(folder / "smtp_password") if channels.get("SMTP_PASSWORD") else None,
        # A relay on this machine seldom has a certificate; every other connection is encrypted.
        "require_tls": host not in _LOCAL_RELAYS,
        "send_resolved": True,
    }
    settings = "".join(f"        {name}: {json.dumps(value)}\n" for name, value in lines.items() if value is not None)
    return f"    email_configs:\n      - to: {json.dumps(channels['ALERT_EMAIL_TO'])}\n{settings}"
