"""`ai-monitoring setup --check` against ends on loopback, some of which refuse."""

import io
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from authority import Authority
from inboxes import PASSWORD, USER, Mailbox, Webhooks, mailbox, webhooks
from waiting import free_ports

from ai_monitoring.cli import main, prepare, setup
from ai_monitoring.outbox import smtp
from ai_monitoring.outbox import webhook as transport
from ai_monitoring.stack import channels, settings
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.terminal import Terminal

Check = Callable[..., tuple[int, str]]
ROOT = Path(__file__).parents[3]
CODE = (
    "import sys; sys.path.insert(0, '{src}'); from ai_monitoring.cli import main; sys.exit(main(['setup', '--check']))"
)
SECRET = "/services/T0000/B0000/s3cretS3cretS3cret"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the environment counts, and who does not answer is given up at once."""
    for name in settings.CHANNELS:
        monkeypatch.delenv(name, raising=False)
    for module in (transport, smtp):
        monkeypatch.setattr(module, "TIMEOUT", 0.3)


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Checks with these settings; the exit status, and what a person reads. No secret may be in it."""

    def run(**lines: str | int) -> tuple[int, str]:
        (tmp_path / ".env").write_text("".join(f'{name}="{value}"\n' for name, value in lines.items()))
        output = io.StringIO()
        status = setup.check(tmp_path, Terminal(output))
        assert "s3cret" not in output.getvalue()
        assert PASSWORD not in output.getvalue()
        return status, output.getvalue()

    return run


@pytest.fixture
def chat() -> Iterator[Webhooks]:
    with webhooks() as inbox:
        yield inbox


@pytest.fixture
def post() -> Iterator[Mailbox]:
    with mailbox() as inbox:
        yield inbox


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def webhook(port: int, path: str = SECRET) -> str:
    return f"http://127.0.0.1:{port}{path}"


def email(port: int, **more: str) -> dict[str, str | int]:
    account = {"SMTP_USER": USER, "SMTP_PASSWORD": PASSWORD, "ALERT_EMAIL_TO": "a@example.org, b@example.org"}
    return {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": port, **account, **more}


def test_without_a_channel_it_says_what_to_set(check: Check) -> None:
    status, output = check()
    assert status == 1
    assert "No channel is set" in output
    assert "SLACK_WEBHOOK_URL" in output
    assert "SMTP_HOST" in output


def test_a_message_goes_through_every_channel(check: Check, chat: Webhooks, post: Mailbox) -> None:
    status, output = check(SLACK_WEBHOOK_URL=webhook(chat.port), **email(post.port))
    assert status == 0, output
    [posted] = chat.posted
    assert posted.path == SECRET
    assert posted.content["text"] == "A test of ai-monitoring: critical and warning alerts will arrive here."
    [mail] = post.received
    assert mail.to == ["a@example.org", "b@example.org"]
    assert mail.subject == "[TEST] ai-monitoring: alerts will arrive here"
    assert mail.message["From"] == USER
    assert mail.authenticated
    assert "ok      Slack, for critical and warning alerts: 127.0.0.1 took it" in output
    assert f"ok      E-mail by 127.0.0.1: 127.0.0.1:{post.port} took it for a@example.org, b@example.org" in output


def test_for_programs(tmp_path: Path, chat: Webhooks, capsys: pytest.CaptureFixture[str]) -> None:
    assert setup.check(tmp_path, as_json=True) == 1
    assert json.loads(capsys.readouterr().out) == {"channels": []}
    chat.answers["/w"] = (404, "no_service")
    addresses = {"CRITICAL": webhook(chat.port, "/critical"), "WARNING": webhook(chat.port, "/w")}
    (tmp_path / ".env").write_text("".join(f"SLACK_WEBHOOK_URL_{name}={url}\n" for name, url in addresses.items()))
    assert setup.check(tmp_path, as_json=True) == 1
    told = json.loads(capsys.readouterr().out)["channels"]
    assert told == [
        {"channel": "Slack, for critical alerts", "taken": True},
        {"channel": "Slack, for warning alerts", "taken": False},
    ]


def test_each_webhook_is_tried(check: Check, chat: Webhooks) -> None:
    status, output = check(
        SLACK_WEBHOOK_URL_CRITICAL=webhook(chat.port, "/critical"), SLACK_WEBHOOK_URL_WARNING=webhook(chat.port, "/w")
    )
    assert status == 0, output
    assert [one.path for one in chat.posted] == ["/critical", "/w"]


@pytest.mark.parametrize(
    ("status", "answer", "meaning"),
    [
        (403, "invalid_token", "403 invalid_token: this webhook does not exist"),
        (404, "no_service", "404 no_service: this webhook was removed or disabled"),
        (401, "", "401 (it says no more)"),
        (404, f"nothing at {SECRET}", "404 nothing at …"),
        (404, "s3cretS3cretS3cret\x1b[31m is unknown", "404 …[31m is unknown"),
        (302, "moved", "302 moved"),
        (500, "rollup_error", "500 rollup_error"),
        (200, "<!DOCTYPE html><p>Sign in", "200 <!DOCTYPE html>"),
    ],
)
def test_slacks_refusal_is_told_in_words(check: Check, chat: Webhooks, status: int, answer: str, meaning: str) -> None:
    chat.answers[SECRET] = (status, answer)
    result, output = check(SLACK_WEBHOOK_URL=webhook(chat.port))
    assert result == 1
    assert f"127.0.0.1 does not take the message: {meaning}" in output
    assert "Copy the webhook's address again" in output


def test_ml_channel_and_heartbeat_are_tried(check: Check, chat: Webhooks, post: Mailbox) -> None:
    status, output = check(
        SLACK_WEBHOOK_URL_ML=webhook(chat.port, "/ml"),
        HEARTBEAT_URL=webhook(chat.port),
        ALERT_EMAIL_TO_ML="ml@example.org",
        **email(post.port),
    )
    assert status == 0, output
    assert [one.path for one in chat.posted] == ["/ml", SECRET]
    assert [mail.to for mail in post.received] == [["a@example.org", "b@example.org"], ["ml@example.org"]]
    assert "ok      Slack, for model alerts" in output
    assert "ok      Heartbeat: 127.0.0.1 took it" in output


@pytest.mark.parametrize(
    ("status", "answer", "told"), [(404, f"no check {SECRET}", "404 no check …"), (302, "", "302 (it says no more)")]
)
def test_wrong_heartbeat_is_told(check: Check, chat: Webhooks, status: int, answer: str, told: str) -> None:
    chat.answers[SECRET] = (status, answer)
    result, output = check(HEARTBEAT_URL=webhook(chat.port))
    assert result == 1
    assert f"127.0.0.1 does not take the heartbeat: {told}." in output
    assert "HEARTBEAT_URL in .env" in output


def test_one_refusal_does_not_hide_the_other_channel(check: Check, chat: Webhooks, post: Mailbox) -> None:
    chat.answers[SECRET] = (404, "no_service")
    status, output = check(SLACK_WEBHOOK_URL=webhook(chat.port), **email(post.port))
    assert status == 1
    assert "failed  Slack" in output
    assert "ok      E-mail" in output


@pytest.mark.parametrize("kind", ["slack", "email"])
def test_host_that_cannot_be_reached(check: Check, kind: str) -> None:
    (port,) = free_ports(1)
    status, output = check(SLACK_WEBHOOK_URL=webhook(port)) if kind == "slack" else check(**email(port))
    assert status == 1
    assert "cannot be reached: Connection refused" in output


@pytest.mark.parametrize("kind", ["slack", "email"])
def test_host_that_is_none(check: Check, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    if kind == "slack":
        status, output = check(SLACK_WEBHOOK_URL=f"https://hooks.example.invalid{SECRET}")
    else:
        status, output = check(**email(587, SMTP_HOST="mail.example.invalid"))
    assert status == 1
    assert "There is no host" in output


@pytest.mark.parametrize("kind", ["slack", "email"])
def test_host_that_does_not_answer(check: Check, silent: int, kind: str) -> None:
    status, output = check(SLACK_WEBHOOK_URL=webhook(silent)) if kind == "slack" else check(**email(silent))
    assert status == 1
    assert "has not answered within 0 s" in output


def test_webhook_that_is_a_mail_server(check: Check, post: Mailbox) -> None:
    status, output = check(SLACK_WEBHOOK_URL=webhook(post.port))
    assert status == 1
    assert "127.0.0.1 does not answer as a web server does" in output


def test_server_that_speaks_no_tls(check: Check, chat: Webhooks) -> None:
    status, output = check(SLACK_WEBHOOK_URL=f"https://127.0.0.1:{chat.port}{SECRET}")
    assert status == 1
    assert "has no certificate that this machine trusts" in output


def test_wrong_password(check: Check, post: Mailbox) -> None:
    status, output = check(**email(post.port, SMTP_PASSWORD="s3cret of another"))
    assert status == 1
    assert "127.0.0.1 refuses SMTP_USER with SMTP_PASSWORD: 535" in output
    assert post.received == []


def test_wrong_password_in_other_letters(check: Check, post: Mailbox) -> None:
    status, output = check(**email(post.port, SMTP_PASSWORD="s3crét"))
    assert status == 1
    assert "refuses SMTP_USER with SMTP_PASSWORD: 535" in output


def test_user_without_a_password_does_not_log_in(check: Check, post: Mailbox) -> None:
    status, output = check(**email(post.port, SMTP_PASSWORD=""))
    assert status == 0, output
    assert not post.received[0].authenticated


def test_recipient_that_the_server_does_not_have(check: Check, post: Mailbox) -> None:
    post.refused.add("b@example.org")
    status, output = check(**email(post.port))
    assert status == 1
    assert "delivers nothing to b@example.org" in output
    post.refused.add("a@example.org")
    assert "delivers nothing to a@example.org, b@example.org" in check(**email(post.port))[1]


def test_missing_starttls(check: Check, post: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "_LOCAL_RELAYS", ())
    status, output = check(**email(post.port))
    assert status == 1
    assert f"127.0.0.1:{post.port} offers no STARTTLS" in output
    assert post.received == []


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.make(tmp_path_factory.mktemp("authority") / "ca.pem")


@pytest.mark.parametrize("at_once", [False, True], ids=["starttls", "from the start"])
@pytest.mark.parametrize("trusted", [True, False])
def test_certificate_decides(
    check: Check, authority: Authority, monkeypatch: pytest.MonkeyPatch, trusted: bool, at_once: bool
) -> None:
    monkeypatch.setattr(channels, "_LOCAL_RELAYS", ())
    monkeypatch.setattr(channels, "is_encrypted_at_once", lambda _: at_once)
    more = {"SMTP_CA_FILE": str(authority.file)} if trusted else {}
    with mailbox(authority.server("127.0.0.1"), tls_at_once=at_once) as post:
        status, output = check(**email(post.port, **more))
    assert (status, len(post.received)) == ((0, 1) if trusted else (1, 0)), output
    if not trusted:
        assert "The certificate of 127.0.0.1 cannot be trusted: unable to get local issuer certificate" in output
        assert "SMTP_CA_FILE to the certificate of who signed it" in output


def test_authority_that_signed_nothing_of_it_is_not_trusted(check: Check, authority: Authority, tmp_path: Path) -> None:
    other = Authority.make(tmp_path / "other.pem")
    with mailbox(authority.server("127.0.0.1")) as post:
        status, output = check(**email(post.port, SMTP_CA_FILE="other.pem"))
    assert (status, post.received) == (1, []), output
    assert "The certificate of 127.0.0.1 cannot be trusted" in output
    assert other.file.exists()


def test_relay_of_this_machine_is_spoken_to_encrypted_where_its_authority_is_known(
    check: Check, authority: Authority
) -> None:
    with mailbox() as post:
        status, output = check(**email(post.port, SMTP_CA_FILE=str(authority.file)))
    assert (status, post.received) == (1, [])
    assert "offers no STARTTLS" in output


def test_who_is_told_at_last_is_tried_too(check: Check, chat: Webhooks, post: Mailbox) -> None:
    status, output = check(
        ESCALATION_EMAIL_TO="head@example.org",
        ESCALATION_SLACK_WEBHOOK_URL=webhook(chat.port),
        **email(post.port),
    )
    assert status == 0, output
    assert post.received[-1].to == ["head@example.org"]
    assert chat.posted[0].text.strip() == "A test of ai-monitoring: escalated alerts will arrive here."
    assert "ok      Slack, for escalated alerts: 127.0.0.1 took it" in output
    chat.answers[SECRET] = (404, "no_service")
    assert check(ESCALATION_SLACK_WEBHOOK_URL=webhook(chat.port), **email(post.port))[0] == 1


def test_setting_that_could_reach_nobody_is_told_with_its_line(check: Check) -> None:
    with pytest.raises(StackError, match=r"^\.env line 1, SLACK_WEBHOOK_URL: this is no address"):
        check(SLACK_WEBHOOK_URL="s3cret")


def test_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "check", lambda **_: 7)
    assert main(["setup", "--check"]) == 7
    monkeypatch.setattr(prepare, "run", lambda *, yes, as_json: 8 if yes and not as_json else 9)
    assert main(["setup", "--yes"]) == 8


def test_it_runs_with_the_standard_library_alone(tmp_path: Path) -> None:
    """With Docker there is no environment of Python packages."""
    package = Path("src", "ai_monitoring")
    shutil.copytree(ROOT / package, tmp_path / package)
    command = [sys.executable, "-I", "-S", "-c", CODE.format(src=tmp_path / "src")]
    result = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, check=False)
    assert result.returncode == 1, result.stderr
    assert "No channel is set" in result.stdout
