"""Where a test's messages end: Slack's webhooks by HTTP, a mail server by SMTP. Both remember what came, and when."""

import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from waiting import free_ports

USER, PASSWORD = "watch@example.org", "c0rrect horse"


@dataclass(frozen=True)
class Posted:
    """One request: when it came (seconds since 1970), its path, its JSON."""

    at: float
    path: str
    content: dict[str, Any]

    @property
    def text(self) -> str:
        """What a person reads of Slack's message."""
        shown = self.content.get("attachments") or [self.content]
        return "\n".join(f"{one.get('title', '')}\n{one.get('text', '')}" for one in shown)


@dataclass
class Webhooks:
    """An HTTP server that takes every POST, and answers as `answers` says of the path; else `200 ok`."""

    port: int = 0
    posted: list[Posted] = field(default_factory=list)
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)

    def at(self, path: str, *words: str) -> list[Posted]:
        """What was posted there and holds all these words."""
        return [one for one in self.posted if one.path == path and all(word in one.text for word in words)]


@contextmanager
def webhooks() -> Iterator[Webhooks]:
    inbox = Webhooks()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            inbox.posted.append(Posted(time.time(), self.path, json.loads(body)))
            status, text = inbox.answers.get(self.path, (200, "ok"))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        inbox.port = int(server.server_address[1])
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield inbox
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class Mail:
    """One e-mail: when it came (seconds since 1970), for whom, and whether its sender had logged in."""

    at: float
    to: list[str]
    message: EmailMessage
    authenticated: bool

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    def body(self, kind: str) -> str:
        """Its `plain` or `html` part."""
        part = self.message.get_body((kind,))
        assert part is not None
        return str(part.get_content())


@dataclass
class Mailbox:
    """A mail server on `port`, which takes USER with PASSWORD. `refused` are recipients that it does not have."""

    port: int
    received: list[Mail] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's own name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append(Mail(time.time(), list(envelope.rcpt_tos), message, bool(session.authenticated)))
        return "250 OK"

    def to(self, recipient: str, *words: str) -> list[Mail]:
        """What came for that recipient with all these words in its subject."""
        return [mail for mail in self.received if recipient in mail.to and all(word in mail.subject for word in words)]


@contextmanager
def mailbox(
    certificate: ssl.SSLContext | None = None, *, host: str = "127.0.0.1", port: int = 0, tls_at_once: bool = False
) -> Iterator[Mailbox]:
    """With a certificate it offers STARTTLS, or speaks TLS from the start. On a free port, where none is given."""
    inbox = Mailbox(port or free_ports(1)[0])

    def authenticate(_: SMTP, __: Session, ___: Envelope, ____: str, given: Any) -> AuthResult:
        right = isinstance(given, LoginPassword) and given == LoginPassword(USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)

    controller = Controller(
        inbox,
        hostname=host,
        port=inbox.port,
        authenticator=authenticate,
        auth_require_tls=False,
        auth_exclude_mechanism=["LOGIN"],  # whose prompts Alertmanager does not know
        tls_context=None if tls_at_once else certificate,
        ssl_context=certificate if tls_at_once else None,
    )
    controller.start()
    try:
        yield inbox
    finally:
        controller.stop()
