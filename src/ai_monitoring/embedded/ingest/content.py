"""Which requests are looked at: those of agents, never those that a page in a browser may send."""

from typing import Literal

from starlette.requests import Request

from ai_monitoring.embedded.ingest.refusals import Refused
from ai_monitoring.hosts import from_another_site

Format = Literal["json", "protobuf"]

_FORMATS: dict[str, Format] = {
    "application/json": "json",
    "application/x-protobuf": "protobuf",
    "application/protobuf": "protobuf",
}


def format_of(request: Request) -> Format:
    """What the body claims to be; without a claim, protobuf, as in Loki. Raises Refused."""
    kind = request.headers.get("content-type", "application/x-protobuf").split(";")[0].strip().lower()
    if kind not in _FORMATS:
        # A page may send text/plain and forms to any address, without asking.
        raise Refused(415, f"Content-Type {kind[:100]!r} is not taken: use application/json or application/x-protobuf")
    return _FORMATS[kind]


def check_origin(request: Request) -> None:
    """Raises Refused for what a page of another site sends."""
    if from_another_site(request.headers):
        raise Refused(403, "a page of another site may not send this", "cross_site")
