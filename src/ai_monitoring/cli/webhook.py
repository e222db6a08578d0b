"""A POST to an address that is a secret: no error tells more of it than its host."""

import http.client
import json
import socket
import ssl
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ai_monitoring.stack.errors import StackError

TIMEOUT = 10.0
"""Seconds to connect, and again to answer."""


def post(address: str, content: Any) -> tuple[str, int, str]:
    """Send `content` as JSON. Returns the host, the status of its answer and the answer's first line.

    Raises StackError saying what is wrong, without the address.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        raise StackError("A webhook in .env is no address.", "Copy it again.") from None
    try:
        status, answer = _posted(parts, json.dumps(content).encode())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise StackError(*_unreachable(parts, error)) from None
    return parts.hostname or "", status, _said(answer, parts)


def _said(answer: str, parts: SplitResult) -> str:
    """The first line of an answer, without the secret, should it repeat what was asked."""
    line = next(iter(answer[:200].splitlines()), "")
    for piece in (parts.path, parts.query, *parts.path.split("/")):
        line = line.replace(piece, "…") if len(piece) > 5 and piece != "services" else line
    return "".join(character for character in line if character.isprintable()).strip()


def _posted(parts: SplitResult, body: bytes) -> tuple[int, str]:
    # No proxy of the environment and no redirect: Alertmanager takes neither.
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read(1000).decode("utf-8", "replace")
    finally:
        connection.close()


def _unreachable(parts: SplitResult, error: Exception) -> tuple[str, str]:
    """What is wrong and what to do, by the kind of error: an error's own words may hold the address."""
    host, network = parts.hostname, "Look whether this machine reaches it: a firewall or proxy may stand between."
    match error:
        case socket.gaierror():
            return f"There is no host {host}.", "Correct the address in .env; behind a proxy, let this host through."
        case TimeoutError():
            return f"{host} has not answered within {TIMEOUT:.0f} s.", network
        case ssl.SSLError():
            return (
                f"{host} has no certificate that this machine trusts.",
                "Look at the address in .env, and at a proxy.",
            )
        case OSError():
            return f"{host} cannot be reached: {error.strerror or type(error).__name__}.", network
    return f"{host} does not answer as a web server does.", "Correct the address in .env."
