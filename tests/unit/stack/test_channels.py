"""Slack and e-mail, from settings into Alertmanager's file."""

import subprocess
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml
from programs import SUITES, programs

from ai_monitoring.stack import channels
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.settings import Settings

ROOT = Path(__file__).parents[3]
FOLDER = PurePosixPath("/etc/alertmanager")
ORIGINAL = (ROOT / "alertmanager" / "alertmanager.yml").read_text(encoding="utf-8")

SLACK = {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/s3cret"}
ML = {"SLACK_WEBHOOK_URL_ML": "https://hooks.slack.com/services/T0/B0/ml"}
HEARTBEAT = {"HEARTBEAT_URL": "https://hc.example.org/ping/s3cret"}
EMAIL = {
    "SMTP_HOST": "mail.example.org",
    "SMTP_USER": "watch@example.org",
    "SMTP_PASSWORD": "pa$$ word'\"",
    "ALERT_EMAIL_TO": "a@example.org, b@example.org",
}


def receivers(given: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Alertmanager's receivers by name, with these channels."""
    content = yaml.safe_load(channels.render(ORIGINAL, given, FOLDER))
    return {receiver["name"]: receiver for receiver in content["receivers"]}


def test_without_channels_the_incident_log_alone_is_told() -> None:
    found = receivers({})
    assert found["critical"] == {"name": "critical"}
    assert found["warning"] == {"name": "warning"}
    assert [hook["send_resolved"] for hook in found["incidents"]["webhook_configs"]] == [True]
    assert "    # channels:" not in channels.render(ORIGINAL, {}, FOLDER)
    assert channels.secrets({}) == {}
    assert channels.named({}) == ""


@pytest.mark.parametrize("severity", ["critical", "warning"])
def test_slack(severity: str) -> None:
    [config] = receivers(SLACK)[severity]["slack_configs"]
    assert config["api_url_file"] == f"/etc/alertmanager/slack_webhook_url_{severity}"
    assert config["send_resolved"] is True
    for field, text in {"title": "title", "title_link": "link", "color": "color", "text": "text"}.items():
        assert config[field] == f'{{{{ template "ai_monitoring.slack.{text}" . }}}}'


def test_slack_is_told_only_where_a_person_is_meant() -> None:
    found = receivers(SLACK)
    assert "slack_configs" not in found["incidents"]
    assert found["nobody"] == {"name": "nobody"}
    assert set(found["warning"]) == {"name", "slack_configs"}


def test_warnings_go_to_slack_or_else_by_email() -> None:
    """Critical alerts go both ways; a mailbox full of warnings is read by nobody."""
    found = receivers(SLACK | EMAIL)
    assert set(found["critical"]) == {"name", "slack_configs", "email_configs"}
    assert set(found["warning"]) == {"name", "slack_configs"}
    one_webhook = {"SLACK_WEBHOOK_URL_CRITICAL": SLACK["SLACK_WEBHOOK_URL"]}
    assert set(receivers(one_webhook | EMAIL)["warning"]) == {"name", "email_configs"}


def test_webhook_of_a_severity_goes_before_the_one_for_all() -> None:
    given = {**SLACK, "SLACK_WEBHOOK_URL_CRITICAL": "https://hooks.slack.com/services/other"}
    assert channels.secrets(given) == {
        "slack_webhook_url_critical": "https://hooks.slack.com/services/other",
        "slack_webhook_url_warning": SLACK["SLACK_WEBHOOK_URL"],
    }


def test_webhook_of_one_severity_alone() -> None:
    given = {"SLACK_WEBHOOK_URL_CRITICAL": "https://hooks.slack.com/services/other"}
    assert list(channels.secrets(given)) == ["slack_webhook_url_critical"]
    found = receivers(given)
    assert "slack_configs" in found["critical"]
    assert "slack_configs" not in found["warning"]


def test_ml_channel_has_its_own_addresses_alone() -> None:
    """The channel for all has every alert already: a second copy there would help nobody."""
    assert receivers(SLACK | EMAIL)["ml"] == {"name": "ml"}
    found = receivers(SLACK | ML | EMAIL | {"ALERT_EMAIL_TO_ML": "ml@example.org"})["ml"]
    assert found["slack_configs"][0]["api_url_file"] == "/etc/alertmanager/slack_webhook_url_ml"
    assert found["email_configs"][0]["to"] == "ml@example.org"
    assert channels.secrets(ML) == {"slack_webhook_url_ml": ML["SLACK_WEBHOOK_URL_ML"]}
    assert channels.named(ML) == "Slack"


def test_heartbeat_is_no_message_to_people() -> None:
    assert receivers({})["heartbeat"] == {"name": "heartbeat"}
    [config] = receivers(HEARTBEAT)["heartbeat"]["webhook_configs"]
    assert config == {"url": HEARTBEAT["HEARTBEAT_URL"], "send_resolved": False}
    assert channels.named(HEARTBEAT) == ""


def test_email() -> None:
    found = receivers(EMAIL)
    expected = {
        "to": "a@example.org, b@example.org",
        "smarthost": "mail.example.org:587",
        "from": "watch@example.org",
        "auth_username": "watch@example.org",
        "auth_password_file": "/etc/alertmanager/smtp_password",
        "require_tls": True,
        "send_resolved": True,
        "headers": {"Subject": '{{ template "ai_monitoring.email.subject" . }}'},
        "text": '{{ template "ai_monitoring.email.text" . }}',
        "html": '{{ template "ai_monitoring.email.html" . }}',
    }
    assert found["critical"]["email_configs"] == found["warning"]["email_configs"] == [expected]
    assert channels.secrets(EMAIL) == {"smtp_password": EMAIL["SMTP_PASSWORD"]}


def test_email_by_a_relay_of_this_machine() -> None:
    given = {"SMTP_HOST": "localhost", "SMTP_PORT": "25", "SMTP_FROM": "me@host", "ALERT_EMAIL_TO": "me@host"}
    [config] = receivers(given)["warning"]["email_configs"]
    assert (config["smarthost"], config["require_tls"]) == ("localhost:25", False)
    assert "auth_username" not in config
    assert "auth_password_file" not in config
    assert channels.secrets(given) == {}


def test_sender_goes_before_the_user() -> None:
    [config] = receivers({**EMAIL, "SMTP_FROM": "alerts@example.org"})["warning"]["email_configs"]
    assert config["from"] == "alerts@example.org"


def test_no_secret_stands_in_the_file() -> None:
    text = channels.render(ORIGINAL, SLACK | EMAIL, FOLDER)
    for secret in channels.secrets(SLACK | EMAIL).values():
        assert secret not in text
    assert "s3cret" not in text


def test_both_are_named() -> None:
    assert channels.named(SLACK | EMAIL) == "Slack and e-mail"
    assert channels.named({"SLACK_WEBHOOK_URL_WARNING": "https://x"}) == "Slack"
    assert channels.named(EMAIL) == "e-mail"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        *(({name: "v4lue"}, f"{name} in .env: this is no address") for name in (*SLACK, "SLACK_WEBHOOK_URL_CRITICAL")),
        ({"HEARTBEAT_URL": "https://v4lue"}, "HEARTBEAT_URL in .env: this is no address"),
        (ML | {"SLACK_WEBHOOK_URL_ML": "v4lue"}, "SLACK_WEBHOOK_URL_ML in .env: this is no address"),
        ({"ALERT_EMAIL_TO_ML": "v4lue@b"}, "ALERT_EMAIL_TO_ML in .env is set and SMTP_HOST is not"),
        ({"SLACK_WEBHOOK_URL": "https://v4lue"}, "SLACK_WEBHOOK_URL in .env: this is no address"),
        (
            {"SLACK_WEBHOOK_URL_WARNING": "https://v4lue and"},
            "SLACK_WEBHOOK_URL_WARNING in .env: this is no address",
        ),
        ({"SMTP_HOST": "v4lue", "SMTP_FROM": "a@b"}, "SMTP_HOST in .env is set and ALERT_EMAIL_TO is not"),
        ({"ALERT_EMAIL_TO": "v4lue@b"}, "ALERT_EMAIL_TO in .env is set and SMTP_HOST is not"),
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


@pytest.mark.parametrize("given", [{}, SLACK, EMAIL, SLACK | EMAIL])
def test_what_reaches_somebody_is_accepted(given: dict[str, str]) -> None:
    channels.check(given)


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("given", [SLACK, EMAIL, SLACK | EMAIL | ML | HEARTBEAT], ids=["slack", "email", "all"])
def test_alertmanager_accepts_the_file(tmp_path: Path, suite: str, given: dict[str, str]) -> None:
    file = tmp_path / "alertmanager.yml"
    file.write_text(channels.render(ORIGINAL, given, tmp_path), encoding="utf-8")
    for name, secret in channels.secrets(given).items():
        (tmp_path / name).write_text(secret, encoding="utf-8")
    amtool = str(programs(suite) / "amtool")
    result = subprocess.run([amtool, "check-config", str(file)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "6 receivers" in result.stdout


def test_settings_carry_the_channels(configured: Callable[[str], Settings]) -> None:
    lines = "".join(f"{name}={value}\n" for name, value in SLACK.items())
    assert configured(lines).channels == SLACK


def test_wrong_channel_is_told_with_its_line(project: Path, configured: Callable[[str], Settings]) -> None:
    settings = configured("# mine\n\nSLACK_WEBHOOK_URL=nowhere\n")
    with pytest.raises(StackError, match=r"^\.env line 3, SLACK_WEBHOOK_URL: this is no address of a webhook\."):
        channels.files(ORIGINAL, settings, FOLDER, local=True)


@pytest.mark.parametrize("name", ["SLACK_WEBHOOK_URL_DATA", "SLACK_WEBHOOK_URLS", "ALERT_EMAIL_TO_OPS"])
def test_unknown_channel_is_refused_with_its_line_and_without_its_value(
    configured: Callable[[str], Settings], name: str
) -> None:
    settings = configured(f"# mine\n{name}=s3cret\n")
    with pytest.raises(StackError, match=rf"^\.env line 2, {name}: there is no such channel") as caught:
        channels.check(settings.channels, settings.places)
    assert "SLACK_WEBHOOK_URL_ML" in caught.value.remedy
    assert "s3cret" not in str(caught.value)


def test_files_are_the_rendered_one_the_templates_and_the_secrets(
    project: Path, configured: Callable[[str], Settings]
) -> None:
    settings = configured("SLACK_WEBHOOK_URL_CRITICAL=https://hooks.slack.com/x\n")
    found = channels.files(ORIGINAL, settings, FOLDER, local=True)
    assert {"alertmanager.yml", "slack_webhook_url_critical", "templates/slack.tmpl"} < set(found)
