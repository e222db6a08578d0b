"""E-mail to a server that wants it encrypted, through the real Alertmanager of both releases.

Its certificate is signed by an authority of the test's own. It is at another address of loopback: there port 465, at
which alone Alertmanager encrypts from the start, is free, and the server is not taken for this machine's relay.
"""

import io
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from authority import Authority
from inboxes import PASSWORD, Mailbox, Webhooks, mailbox, webhooks
from programs import CACHE, SUITES
from test_incidents import incident_log
from test_notifications import project, raise_alert, run
from waiting import free_ports, until

from ai_monitoring.cli import main, setup
from ai_monitoring.stack.http import get_json
from ai_monitoring.stack.settings import Settings, load
from ai_monitoring.stack.terminal import Terminal

HOST = "127.0.0.65"
STARTTLS, AT_ONCE = 0, 465
"""Ports: a free one, and the one that encrypts from the start."""
TO = "team@example.org"


@dataclass(frozen=True)
class Server:
    """A mail server that encrypts, and the settings of a project that sends by it."""

    suite: str
    mail: Mailbox
    settings: Settings

    def set(self, **lines: str) -> Settings:
        """Settings with these lines of `.env` changed; a line of "" goes."""
        file = self.settings.root / ".env"
        text = file.read_text(encoding="utf-8")
        for name, value in lines.items():
            text = re.sub(rf"^{name}=.*\n", "", text, flags=re.MULTILINE) + (f'{name}="{value}"\n' if value else "")
        file.write_text(text, encoding="utf-8")
        return load(self.settings.root, {})

    def log(self) -> str:
        """What Alertmanager has written."""
        return (CACHE / f"notifications-{self.suite}-alertmanager.log").read_text(encoding="utf-8")


@pytest.fixture
def chat() -> Iterator[Webhooks]:
    with webhooks() as inbox:
        yield inbox


@pytest.fixture(params=SUITES)
def suite(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[STARTTLS, AT_ONCE], ids=["starttls", "from the start"])
def port(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def server(suite: str, port: int, chat: Webhooks, tmp_path: Path) -> Iterator[Server]:
    context = Authority.make(tmp_path / "ca.pem").server(HOST)
    with ExitStack() as stack:
        try:
            mail = stack.enter_context(mailbox(context, host=HOST, port=port, tls_at_once=port == AT_ONCE))
        except PermissionError:
            pytest.skip(f"port {port} is the superuser's here")
        made = Server(suite, mail, project(tmp_path, chat, mail, suite, {}))
        settings = made.set(SMTP_HOST=HOST, SMTP_CA_FILE="ca.pem", ALERT_EMAIL_TO=TO, SLACK_WEBHOOK_URL_CRITICAL="")
        yield replace(made, settings=settings)


def told(server: Server) -> None:
    """A critical alert arrives, from a sender who has logged in."""
    with run(server.suite, server.settings, "alertmanager"):
        raise_alert(server.settings, alertname="Gone", service="shop", severity="critical")
        until(lambda: server.mail.to(TO, "[CRITICAL] shop Gone"), 30)
    assert all(mail.authenticated for mail in server.mail.received)


def test_mail_arrives(server: Server) -> None:
    told(server)


@pytest.mark.parametrize("port", [STARTTLS], indirect=True, ids=["starttls"])
@pytest.mark.parametrize(
    ("change", "why", "advice"),
    [
        ({"SMTP_PASSWORD": "another"}, "535", f"{HOST} refuses SMTP_USER with SMTP_PASSWORD: 535"),
        (
            {"SMTP_CA_FILE": ""},
            "certificate signed by unknown authority",
            f"The certificate of {HOST} cannot be trusted: unable to get local issuer certificate",
        ),
    ],
    ids=["password", "authority"],
)
def test_what_a_user_sees_of_mail_that_is_refused(
    server: Server,
    change: dict[str, str],
    why: str,
    advice: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The alert on it is in `ai-monitoring alerts`, why in Alertmanager's log, and what to set in `setup --check`."""
    (incidents,) = free_ports(1)
    settings = server.set(INCIDENTS_PORT=str(incidents), **change)
    at_once(settings, "AlertmanagerNotificationsFailing")
    monkeypatch.setenv("INCIDENTS_PORT", str(incidents))
    monkeypatch.setenv("ALERTMANAGER_PORT", str(settings.ports["ALERTMANAGER_PORT"]))

    def listed() -> str:
        main(["alerts"])
        return capsys.readouterr().out

    with (
        incident_log(settings.root / "incidents" / "incidents.db", incidents),
        run(server.suite, settings, "prometheus", "alertmanager"),
    ):
        until(lambda: attempts(settings) == ["0"])
        raise_alert(settings, alertname="Gone", service="shop", severity="critical")
        until(lambda: "AlertmanagerNotificationsFailing: " in listed(), 120)
        assert "by email" in listed()
    assert why in server.log()
    assert PASSWORD not in server.log()
    assert server.mail.received == []
    output = io.StringIO()
    assert setup.check(settings.root, Terminal(output)) == 1
    assert advice in output.getvalue()


def at_once(settings: Settings, alert: str) -> None:
    """Take that alert's `for`, which promtool's tests hold, out of the project's rules."""
    file = settings.root / "prometheus" / "rules" / "watch.yml"
    rule = re.compile(rf"(alert: {alert}\n.*?\n        for: )\d+m", re.DOTALL)
    text, changed = rule.subn(r"\g<1>0s", file.read_text(encoding="utf-8"))
    assert changed == 1
    file.write_text(text, encoding="utf-8")


def attempts(settings: Settings) -> list[str]:
    """How often Prometheus knows that an e-mail was tried."""
    address = f"http://127.0.0.1:{settings.ports['PROMETHEUS_PORT']}/api/v1/query"
    found = get_json(address, query='alertmanager_notification_requests_total{integration="email"}')
    return [sample["value"][1] for sample in found["data"]["result"]]
