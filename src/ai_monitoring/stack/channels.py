"""The ways to reach people that `.env` names: Slack, e-mail, and a service that notices when this machine falls silent.

A webhook, the heartbeat's address and an SMTP password are secrets.
"""

import re
import ssl
from collections.abc import Mapping
from pathlib import Path

from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.settings import CHANNELS, NAMES_OF_CHANNELS

AUDIENCES = ("critical", "warning", "ml")
"""Whom a message is for: two severities, and those who look after models (alerts with the label `audience: ml`)."""

_WEBHOOKS = (
    *(f"SLACK_WEBHOOK_URL{end}" for end in ("", "_CRITICAL", "_WARNING", "_ML")),
    "ESCALATION_SLACK_WEBHOOK_URL",
)

_LOCAL_RELAYS = ("localhost", "127.0.0.1", "::1")

AUTHORITIES = "SMTP_CA"
"""Under which name who sends e-mail is handed the content of SMTP_CA_FILE: containers do not see that file."""

_CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def check(channels: Mapping[str, str], places: Mapping[str, str] | None = None) -> None:
    """Refuse channels that could reach nobody: StackError says which setting is wrong, without its value.

    `places` tells where each stands, such as `.env line 4, SMTP_PORT`.
    """
    where = places or {name: f"{name} in .env" for name in channels}
    _refuse_unknown(channels, where)
    for name in (*_WEBHOOKS, "HEARTBEAT_URL"):
        if name in channels and not re.fullmatch(r"https?://[^\s/]+/\S+", channels[name]):
            begins = "https://, and has a path" if name == "HEARTBEAT_URL" else "https://hooks.slack.com/"
            raise StackError(f"{where[name]}: this is no address of a webhook.", f"It begins with {begins}.")
    _check_email(channels, where)
    alone = next((name for name in _WEBHOOKS if name in channels), "")
    if alone and not reach(channels, "critical"):
        raise StackError(
            f"{where[alone]} is set, but critical alerts would reach nobody, and so would never be escalated.",
            "Set SLACK_WEBHOOK_URL_CRITICAL or SLACK_WEBHOOK_URL too, or SMTP_HOST and ALERT_EMAIL_TO.",
        )


def _check_email(channels: Mapping[str, str], where: Mapping[str, str]) -> None:
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
    if "SMTP_CA_FILE" in channels:
        _check_authorities(channels, where["SMTP_CA_FILE"])


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
    """Whether e-mail leaves encrypted alone. One on this machine has a certificate where .env tells who signed it."""
    return channels["SMTP_HOST"] not in _LOCAL_RELAYS or "SMTP_CA_FILE" in channels


def needs_starttls(channels: Mapping[str, str]) -> bool:
    """Whether the connection must become encrypted; that of port 465 is so from its start."""
    return needs_encryption(channels) and not is_encrypted_at_once(channels)


def is_encrypted_at_once(channels: Mapping[str, str]) -> bool:
    """Whether the port is the one at which Alertmanager speaks TLS from the start."""
    return channels.get("SMTP_PORT") == "465"


def authorities(channels: Mapping[str, str]) -> str:
    """The certificates of SMTP_CA_FILE as PEM: who alone may sign the mail server's. Empty where the machine's own
    authorities may. Raises OSError where the file cannot be read.
    """
    if "SMTP_CA_FILE" not in channels:
        return ""
    text = Path(channels["SMTP_CA_FILE"]).read_text(encoding="ascii", errors="ignore")
    return "".join(f"{certificate}\n" for certificate in _CERTIFICATE.findall(text))


def _check_authorities(channels: Mapping[str, str], where: str) -> None:
    try:
        found = authorities(channels)
        if not found:
            raise ssl.SSLError
        ssl.create_default_context(cadata=found)
    except ssl.SSLError:
        raise StackError(f"{where}: the file holds no certificate.", "Name a file of PEM certificates.") from None
    except OSError as error:
        raise StackError(
            f"{where}: the file cannot be read: {error.strerror}.",
            "Put it into the project's folder, the only one that is seen with Docker, and name it from there.",
        ) from None


def _refuse_unknown(channels: Mapping[str, str], where: Mapping[str, str]) -> None:
    for name in channels:
        if name not in CHANNELS:
            there = ", ".join(known for known in CHANNELS if known.startswith(NAMES_OF_CHANNELS))
            raise StackError(f"{where[name]}: there is no such channel, nobody would be told.", f"There are: {there}.")


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 1 <= int(text) <= 65535
