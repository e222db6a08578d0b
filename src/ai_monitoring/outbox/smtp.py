"""An e-mail through the configured mail server, step by step as Alertmanager goes; no error tells the password."""

import logging
import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Collection, Mapping
from email.message import EmailMessage
from email.utils import formatdate, getaddresses, make_msgid

from ai_monitoring.stack import channels
from ai_monitoring.stack.errors import StackError

logger = logging.getLogger(__name__)

TIMEOUT = 10.0
"""Seconds that each answer may take."""


def send(
    configured: Mapping[str, str], message: EmailMessage, setting: str = "ALERT_EMAIL_TO", *, to_all: bool = False
) -> str:
    """Send `message`, which has a subject and a body, to whom that `setting` names. Returns what to tell of it.

    `configured` goes by the names of `.env`, with the content of SMTP_CA_FILE as channels.AUTHORITIES.
    Raises StackError saying which step failed, and what to set. Where the server refuses some of several recipients,
    that is logged; with `to_all` it is raised, although the others have the message.
    """
    host, port = configured["SMTP_HOST"], _port(configured)
    recipients = [address for _, address in getaddresses([configured[setting]])]
    _address(message, configured, recipients)
    try:
        with _connected(configured, host, port) as server:
            _encrypt(server, configured)
            _log_in(server, configured)
            refused = _deliver(server, configured, message, recipients)
    except OSError as error:
        # smtplib calls a wait that was too long a closed connection.
        cause = error.__context__ if isinstance(error.__context__, TimeoutError) else error
        raise StackError(*_unreachable(host, port, cause)) from None
    taken = [address for address in recipients if address not in refused]
    if refused:
        fault = StackError(f"{host} delivers nothing to {', '.join(sorted(refused))}.", f"Correct {setting} in .env.")
        if to_all or not taken:
            raise fault
        logger.error("%s", fault)
    return f"{host}:{port} took it for {', '.join(taken)}"


def _port(configured: Mapping[str, str]) -> int:
    return int(configured.get("SMTP_PORT", "587"))


def _connected(configured: Mapping[str, str], host: str, port: int) -> smtplib.SMTP:
    if channels.is_encrypted_at_once(configured):
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=_trust(configured))
    return smtplib.SMTP(host, port, timeout=TIMEOUT)


def _trust(configured: Mapping[str, str]) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=configured.get(channels.AUTHORITIES) or None)


def _encrypt(server: smtplib.SMTP, configured: Mapping[str, str]) -> None:
    server.ehlo_or_helo_if_needed()
    if not channels.needs_starttls(configured):
        return
    if not server.has_extn("starttls"):
        raise StackError(
            f"{configured['SMTP_HOST']}:{_port(configured)} offers no STARTTLS: the password would be sent in clear.",
            "Use the port at which it does (587 is usual), or 465 for encryption from the start.",
        )
    server.starttls(context=_trust(configured))


def _log_in(server: smtplib.SMTP, configured: Mapping[str, str]) -> None:
    user, password = configured.get("SMTP_USER"), configured.get("SMTP_PASSWORD")
    if not user or not password:
        return
    try:
        _authenticate(server, user, password)
    except smtplib.SMTPNotSupportedError:
        raise StackError(
            f"{configured['SMTP_HOST']} takes no user and password here.",
            "Remove SMTP_USER and SMTP_PASSWORD (and set SMTP_FROM), or use the port for senders: 587.",
        ) from None
    except smtplib.SMTPAuthenticationError as error:
        raise StackError(
            f"{configured['SMTP_HOST']} refuses SMTP_USER with SMTP_PASSWORD: {_said(error, password)}.",
            "Correct them in .env; providers with two-step login want a password made for applications.",
        ) from None


def _authenticate(server: smtplib.SMTP, user: str, password: str) -> None:
    if f"{user}{password}".isascii():
        server.login(user, password)
        return
    # smtplib sends ASCII alone; Alertmanager sends UTF-8.
    code, words = server.docmd("AUTH PLAIN", b64encode(f"\0{user}\0{password}".encode()).decode())
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, words)


def _deliver(
    server: smtplib.SMTP, configured: Mapping[str, str], message: EmailMessage, recipients: list[str]
) -> Collection[str]:
    """Returns the recipients whom the server refuses."""
    password = configured.get("SMTP_PASSWORD", "")
    try:
        return server.send_message(message, channels.sender(configured), recipients)
    except smtplib.SMTPSenderRefused as error:
        raise StackError(
            f"{configured['SMTP_HOST']} takes no e-mail from {error.sender}: {_said(error, password)}.",
            "Set SMTP_FROM to an address of that account; where it wants a login, SMTP_USER and SMTP_PASSWORD too.",
        ) from None
    except smtplib.SMTPRecipientsRefused as error:
        return error.recipients
    except smtplib.SMTPResponseException as error:
        raise StackError(
            f"{configured['SMTP_HOST']} refuses the message: {_said(error, password)}.", "Ask who runs that server."
        ) from None


def _address(message: EmailMessage, configured: Mapping[str, str], recipients: list[str]) -> None:
    message["From"], message["To"] = channels.sender(configured), ", ".join(recipients)
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="ai-monitoring.invalid")
    # Nobody's holiday answers, and no loops: RFC 3834.
    message["Auto-Submitted"] = "auto-generated"


def _said(error: smtplib.SMTPResponseException, secret: str) -> str:
    """The server's own words on one line, without the password, should it repeat it."""
    raw = error.smtp_error
    text = " ".join((raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw).split())
    return f"{error.smtp_code} {text.replace(secret, '…') if secret else text}"[:200]


def _unreachable(host: str, port: int, error: OSError) -> tuple[str, str]:
    match error:
        case socket.gaierror():
            return f"There is no host {host}.", "Correct SMTP_HOST in .env."
        case TimeoutError():
            return f"{host}:{port} has not answered within {TIMEOUT:.0f} s.", "Look at SMTP_PORT, and at firewalls."
        case ssl.SSLCertVerificationError():
            return (
                f"The certificate of {host} cannot be trusted: {error.verify_message}.",
                "Set SMTP_HOST to the name in its certificate, SMTP_CA_FILE to the certificate of who signed it.",
            )
        case ssl.SSLError():
            return f"{host}:{port} does not encrypt as it should.", "Use 587 for STARTTLS, 465 for TLS from the start."
        case smtplib.SMTPServerDisconnected():
            return (
                f"{host}:{port} closed the connection.",
                "Look at SMTP_PORT: 587 is usual, 465 for TLS from the start.",
            )
        case smtplib.SMTPException():
            return f"{host}:{port} does not answer as a mail server does.", "Look at SMTP_HOST and SMTP_PORT."
    return f"{host}:{port} cannot be reached: {error.strerror}.", "Look at SMTP_HOST, SMTP_PORT, and at firewalls."
