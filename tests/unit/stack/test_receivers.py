"""Slack and e-mail, from settings into Alertmanager's file."""

import subprocess
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml
from authority import Authority
from channel_settings import BEATS, EMAIL, MODELS, SLACK
from programs import SUITES, programs

from ai_monitoring.stack import channels, receivers
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.settings import Settings

ROOT = Path(__file__).parents[3]
FOLDER = PurePosixPath("/etc/alertmanager")
ORIGINAL = (ROOT / "alertmanager" / "alertmanager.yml").read_text(encoding="utf-8")


def rendered(given: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Alertmanager's receivers by name, with these channels."""
    content = yaml.safe_load(receivers.render(ORIGINAL, given, FOLDER))
    return {receiver["name"]: receiver for receiver in content["receivers"]}


def test_without_channels_the_incident_log_alone_is_told() -> None:
    found = rendered({})
    assert found["critical"] == {"name": "critical"}
    assert found["warning"] == {"name": "warning"}
    assert [hook["send_resolved"] for hook in found["incidents"]["webhook_configs"]] == [True]
    assert "    # channels:" not in receivers.render(ORIGINAL, {}, FOLDER)
    assert receivers.secrets({}) == {}
    assert channels.named({}) == ""


@pytest.mark.parametrize("severity", ["critical", "warning"])
def test_slack(severity: str) -> None:
    [config] = rendered(SLACK)[severity]["slack_configs"]
    assert config["api_url_file"] == f"/etc/alertmanager/slack_webhook_url_{severity}"
    assert config["send_resolved"] is True
    for field, text in {"title": "title", "title_link": "link", "color": "color", "text": "text"}.items():
        assert config[field] == f'{{{{ template "ai_monitoring.slack.{text}" . }}}}'


def test_slack_is_told_only_where_a_person_is_meant() -> None:
    found = rendered(SLACK)
    assert "slack_configs" not in found["incidents"]
    assert found["nobody"] == {"name": "nobody"}
    assert set(found["warning"]) == {"name", "slack_configs", "webhook_configs"}


def test_warnings_go_to_slack_or_else_by_email() -> None:
    """Critical alerts go both ways; a mailbox full of warnings is read by nobody."""
    found = rendered(SLACK | EMAIL)
    assert set(found["critical"]) == {"name", "slack_configs", "email_configs", "webhook_configs"}
    assert set(found["warning"]) == {"name", "slack_configs", "webhook_configs"}
    one_webhook = {"SLACK_WEBHOOK_URL_CRITICAL": SLACK["SLACK_WEBHOOK_URL"]}
    assert set(rendered(one_webhook | EMAIL)["warning"]) == {"name", "email_configs", "webhook_configs"}


def test_webhook_of_a_severity_goes_before_the_one_for_all() -> None:
    given = {**SLACK, "SLACK_WEBHOOK_URL_CRITICAL": "https://hooks.slack.com/services/other"}
    assert receivers.secrets(given) == {
        "slack_webhook_url_critical": "https://hooks.slack.com/services/other",
        "slack_webhook_url_warning": SLACK["SLACK_WEBHOOK_URL"],
    }


def test_webhook_of_one_severity_alone() -> None:
    given = {"SLACK_WEBHOOK_URL_CRITICAL": "https://hooks.slack.com/services/other"}
    assert list(receivers.secrets(given)) == ["slack_webhook_url_critical"]
    found = rendered(given)
    assert "slack_configs" in found["critical"]
    assert "slack_configs" not in found["warning"]


def test_who_looks_after_models_is_told_where_that_is_set_alone() -> None:
    assert rendered(SLACK | EMAIL)["ml"] == {"name": "ml"}, "the channel for all is not theirs"
    models = rendered(EMAIL | MODELS)["ml"]
    assert models["slack_configs"][0]["api_url_file"] == "/etc/alertmanager/slack_webhook_url_ml"
    assert models["email_configs"][0]["to"] == "ml@example.org"
    assert receivers.secrets(MODELS)["slack_webhook_url_ml"] == MODELS["SLACK_WEBHOOK_URL_ML"]


def test_the_incident_log_learns_who_was_sent_a_message() -> None:
    found = rendered(SLACK | EMAIL | MODELS)
    for audience in ("critical", "warning", "ml"):
        [hook] = found[audience]["webhook_configs"]
        assert hook == {"url": f"http://incidents:9095/notified/{audience}", "send_resolved": True}


def test_a_file_without_the_incident_log_tells_it_nothing() -> None:
    text = ORIGINAL.replace("http://incidents:9095/alertmanager", "http://elsewhere/")
    assert "/notified/" not in receivers.render(text, SLACK, FOLDER)


def test_the_heartbeat_goes_where_it_is_awaited() -> None:
    assert rendered({})["heartbeat"] == {"name": "heartbeat"}
    [hook] = rendered(BEATS)["heartbeat"]["webhook_configs"]
    assert hook == {"url": BEATS["HEARTBEAT_URL"], "send_resolved": False}


def test_email() -> None:
    found = rendered(EMAIL)
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
    assert receivers.secrets(EMAIL) == {"smtp_password": EMAIL["SMTP_PASSWORD"]}


def test_email_by_a_relay_of_this_machine() -> None:
    given = {"SMTP_HOST": "localhost", "SMTP_PORT": "25", "SMTP_FROM": "me@host", "ALERT_EMAIL_TO": "me@host"}
    [config] = rendered(given)["warning"]["email_configs"]
    assert (config["smarthost"], config["require_tls"]) == ("localhost:25", False)
    assert "auth_username" not in config
    assert "auth_password_file" not in config
    assert receivers.secrets(given) == {}


def test_email_encrypted_from_the_start_asks_for_no_starttls() -> None:
    """Alertmanager 0.25 would, within the encrypted connection."""
    [config] = rendered({**EMAIL, "SMTP_PORT": "465"})["warning"]["email_configs"]
    assert (config["smarthost"], config["require_tls"]) == ("mail.example.org:465", False)


def test_authority_of_the_mail_server_lies_beside_the_file(tmp_path: Path) -> None:
    authority = Authority.make(tmp_path / "mine.pem").file
    given = {**EMAIL, "SMTP_CA_FILE": str(authority)}
    [config] = rendered(given)["warning"]["email_configs"]
    assert config["tls_config"] == {"ca_file": "/etc/alertmanager/smtp_ca.pem"}
    assert receivers.secrets(given)["smtp_ca.pem"] == authority.read_text(encoding="utf-8")


def test_sender_goes_before_the_user() -> None:
    [config] = rendered({**EMAIL, "SMTP_FROM": "alerts@example.org"})["warning"]["email_configs"]
    assert config["from"] == "alerts@example.org"


def test_no_secret_stands_in_the_file() -> None:
    text = receivers.render(ORIGINAL, SLACK | EMAIL, FOLDER)
    for secret in receivers.secrets(SLACK | EMAIL).values():
        assert secret not in text
    assert "s3cret" not in text


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("given", [SLACK, EMAIL, SLACK | EMAIL | MODELS | BEATS], ids=["slack", "email", "all"])
def test_alertmanager_accepts_the_file(tmp_path: Path, suite: str, given: dict[str, str]) -> None:
    file = tmp_path / "alertmanager.yml"
    file.write_text(receivers.render(ORIGINAL, given, tmp_path), encoding="utf-8")
    for name, secret in receivers.secrets(given).items():
        (tmp_path / name).write_text(secret, encoding="utf-8")
    amtool = str(programs(suite) / "amtool")
    result = subprocess.run([amtool, "check-config", str(file)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "6 receivers" in result.stdout


def test_wrong_channel_is_told_with_its_line(project: Path, configured: Callable[[str], Settings]) -> None:
    settings = configured("# mine\n\nSLACK_WEBHOOK_URL=nowhere\n")
    with pytest.raises(StackError, match=r"^\.env line 3, SLACK_WEBHOOK_URL: this is no address of a webhook\."):
        receivers.files(ORIGINAL, settings, FOLDER, local=True)


def test_files_are_the_rendered_one_the_templates_and_the_secrets(
    project: Path, configured: Callable[[str], Settings]
) -> None:
    settings = configured("SLACK_WEBHOOK_URL_CRITICAL=https://hooks.slack.com/x\n")
    found = receivers.files(ORIGINAL, settings, FOLDER, local=True)
    assert {"alertmanager.yml", "slack_webhook_url_critical", "templates/slack.tmpl"} < set(found)
