"""The channels that `.env` names: what is refused, and what they are called."""

from collections.abc import Callable
from pathlib import Path

import pytest
from authority import Authority
from channel_settings import BEATS, EMAIL, MODELS, SLACK

from ai_monitoring.stack import channels
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.settings import Settings


def test_whom_messages_reach() -> None:
    assert channels.reach(SLACK, "warning")
    assert channels.reach(EMAIL, "critical")
    assert not channels.reach(SLACK, "ml")
    assert not channels.reach(BEATS | MODELS, "critical"), "a heartbeat and the models' channel tell nobody of it"


def test_both_are_named() -> None:
    assert channels.named(SLACK | EMAIL) == "Slack and e-mail"
    assert channels.named({"SLACK_WEBHOOK_URL_WARNING": "https://x"}) == "Slack"
    assert channels.named(EMAIL) == "e-mail"


ADDRESSES = ("SLACK_WEBHOOK_URL", "SLACK_WEBHOOK_URL_CRITICAL", "SLACK_WEBHOOK_URL_ML", "HEARTBEAT_URL")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        *(
            ({name: "v4lue"}, f"{name} in .env: this is no address")
            for name in (*SLACK, "SLACK_WEBHOOK_URL_CRITICAL", "ESCALATION_SLACK_WEBHOOK_URL", "HEARTBEAT_URL")
        ),
        ({"SLACK_WEBHOOK_URL": "https://v4lue"}, "SLACK_WEBHOOK_URL in .env: this is no address"),
        (
            {"SLACK_WEBHOOK_URL_WARNING": "https://v4lue and"},
            "SLACK_WEBHOOK_URL_WARNING in .env: this is no address",
        ),
        *(
            (dict.fromkeys(names, "https://v4lue/x"), f"{names[0]} in .env is set, but critical alerts")
            for names in (
                ("SLACK_WEBHOOK_URL_WARNING", "ESCALATION_SLACK_WEBHOOK_URL"),
                ("ESCALATION_SLACK_WEBHOOK_URL",),
                ("SLACK_WEBHOOK_URL_ML", "HEARTBEAT_URL"),
            )
        ),
        ({"SMTP_HOST": "v4lue", "SMTP_FROM": "a@b"}, "SMTP_HOST in .env is set and ALERT_EMAIL_TO is not"),
        ({"ALERT_EMAIL_TO": "v4lue@b"}, "ALERT_EMAIL_TO in .env is set and SMTP_HOST is not"),
        ({"ALERT_EMAIL_TO_ML": "v4lue@b"}, "ALERT_EMAIL_TO_ML in .env is set and SMTP_HOST is not"),
        ({"SMTP_HOST": "v4lue", "ALERT_EMAIL_TO": "v4lue@b"}, "There is no address that e-mail comes from"),
        ({**EMAIL, "SMTP_USER": "v4lue"}, "There is no address that e-mail comes from"),
        *(({**EMAIL, "SMTP_PORT": port}, "SMTP_PORT in .env: this is no port") for port in ("v4lue", "0", "65536")),
    ],
)
def test_what_would_reach_nobody_is_refused_without_its_value(given: dict[str, str], problem: str) -> None:
    with pytest.raises(StackError) as caught:
        channels.check(given)
    assert problem in caught.value.problem
    assert "v4lue" not in str(caught.value)


@pytest.mark.parametrize("given", [{}, SLACK, EMAIL, SLACK | EMAIL, BEATS, EMAIL | MODELS])
def test_what_reaches_somebody_is_accepted(given: dict[str, str]) -> None:
    channels.check(given)


def test_settings_carry_the_channels(configured: Callable[[str], Settings]) -> None:
    lines = "".join(f"{name}={value}\n" for name, value in SLACK.items())
    assert configured(lines).channels == SLACK


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "the file cannot be read: No such file or directory"),
        ("no certificate", "the file holds no certificate"),
        ("-----BEGIN CERTIFICATE-----\nv4lue\n-----END CERTIFICATE-----\n", "the file holds no certificate"),
    ],
)
def test_authority_that_cannot_be_read_is_told_with_its_line(
    root: Path, configured: Callable[[str], Settings], content: str | None, problem: str
) -> None:
    if content is not None:
        (root / "ca.pem").write_text(content, encoding="utf-8")
    settings = configured("# mine\nSMTP_CA_FILE=ca.pem\n")
    with pytest.raises(StackError, match=rf"^\.env line 2, SMTP_CA_FILE: {problem}\."):
        channels.check(settings.channels, settings.places)


def test_authorities_are_the_files_certificates_alone(root: Path, configured: Callable[[str], Settings]) -> None:
    file = Authority.make(root / "ca.pem").file
    certificate = file.read_text(encoding="utf-8")
    file.write_text(f"# Société\n{certificate}-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----\n")
    settings = configured("SMTP_CA_FILE=ca.pem\n")
    channels.check(settings.channels, settings.places)
    assert channels.authorities(settings.channels) == certificate
    assert channels.authorities({}) == ""


@pytest.mark.parametrize(
    ("given", "encrypted", "starttls"),
    [
        (EMAIL, True, True),
        ({**EMAIL, "SMTP_PORT": "465"}, True, False),
        ({**EMAIL, "SMTP_HOST": "localhost"}, False, False),
        ({**EMAIL, "SMTP_HOST": "localhost", "SMTP_CA_FILE": "ca.pem"}, True, True),
    ],
)
def test_what_is_encrypted_and_how(given: dict[str, str], encrypted: bool, starttls: bool) -> None:
    assert (channels.needs_encryption(given), channels.needs_starttls(given)) == (encrypted, starttls)
