"""E-mail to a server that wants it encrypted, through the real Alertmanager of both releases.

Its certificate is signed by an authority of the test's own. Everything is at an address of loopback other than 127.0.0.1,
so that port 465, at which alone Alertmanager encrypts from the start, is free, and the server is not this machine's relay.
"""

import io
import re
import shutil
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from authority import Authority
from inboxes import PASSWORD, USER, Mailbox, Webhooks, mailbox, webhooks
from programs import CACHE, SUITES
from test_notifications import project, raise_alert, run
from waiting import until

from ai_monitoring.cli import setup
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
