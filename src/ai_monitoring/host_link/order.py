"""What a request to the link asks for: `GET /http/127.0.0.1:8002/metrics`, and whether that is allowed."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from ai_monitoring.host_link.address import Address, parse_address
from ai_monitoring.host_link.declared import Declared
from ai_monitoring.http_head import Head, Headers, write_head

FORWARDED = ("accept", "accept-encoding", "authorization", "user-agent", "x-prometheus-scrape-timeout-seconds")

_LINE = re.compile(r"([A-Z]+) ([!-~]+) HTTP/1\.[01]")
_TARGET = re.compile(r"/(https?)/([^/?#]+)(/[^?#]*)?(\?[^#]*)?")


class Refused(Exception):  # noqa: N818 # a decision, not an error
    """A request that is not forwarded: the status, and one sentence that says why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Order:
    """One request to forward."""

    method: str
    scheme: str
    address: Address
    target: str
    headers: Headers

    def head(self) -> bytes:
        """The request as the service reads it; it ends the connection when it has answered."""
        headers = [("Host", str(self.address)), *self.headers, ("Connection", "close")]
        return write_head(f"{self.method} {self.target} HTTP/1.1", headers)


def parse_order(head: Head, declared: Declared) -> Order:
    """The order that a request's head holds. Raises Refused."""
    method, target = split_line(head.start)
    match = _TARGET.fullmatch(target)
    if match is None:
        raise Refused(404, "The path is /http/HOST:PORT/PATH or /https/HOST:PORT/PATH.")
    scheme, place, path, query = match.groups()
    address = _allowed(unquote(place), scheme, declared)
    return Order(method, scheme, address, f"{path or '/'}{query or ''}", head.only(*FORWARDED))


def split_line(line: str) -> tuple[str, str]:
    """Method and target of a request's first line. Raises Refused."""
    match = _LINE.fullmatch(line)
    if match is None:
        raise Refused(400, "This is not an HTTP/1 request.")
    method, target = match.groups()
    if method not in ("GET", "HEAD"):
        raise Refused(405, "Only GET and HEAD are forwarded.")
    return method, target


def _allowed(place: str, scheme: str, declared: Declared) -> Address:
    if place in declared.names:
        return declared.names[place]
    try:
        address = parse_address(place, scheme)
    except ValueError as error:
        raise Refused(400, f"The address {place!r} is not HOST:PORT.") from error
    if not address.is_loopback:
        raise Refused(403, f"{address} is not on this host's loopback: Prometheus reaches it without the link.")
    if address not in declared:
        raise Refused(403, f"{address} is not declared: name it in prometheus/targets/services.yml, under targets.")
    return address
