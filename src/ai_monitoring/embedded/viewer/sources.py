"""The data sources asked over HTTP: Prometheus, Loki, Tempo, Alertmanager; in plain words why one has no answer."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx2

SECONDS = 30.0
PAGE_SECONDS = 10.0
"""How long a page waits that has other things to show."""
MAX_BYTES = 32_000_000
MAX_AT_ONCE = 8
_TOLD_LENGTH = 500


class SourceError(Exception):
    """A source has no answer; the message says which, what it said and what to do.

    `refused` when the source took the question and declined it.
    """

    def __init__(self, text: str, refused: bool = False) -> None:
        super().__init__(text)
        self.refused = refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where they listen, such as `http://127.0.0.1:9090`; empty for one that is not there."""

    prometheus: str = ""
    loki: str = ""
    tempo: str = ""
    alertmanager: str = ""


KINDS = tuple(Sources.__dataclass_fields__)
"""Types of data sources; those of grafana/provisioning/datasources have the same words as uids."""


class Client:
    """Asks the sources, each a few questions at once. To be closed after use.

    `seconds` bound an answer whose question sets no bound of its own; a `transport` stands in for the network.
    """

    def __init__(
        self, sources: Sources, seconds: float = SECONDS, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self._addresses = {kind: getattr(sources, kind).rstrip("/") for kind in KINDS}
        self._seconds = seconds
        # A proxy of the environment must not stand between the viewer and its own machine.
        self._http = httpx2.AsyncClient(timeout=seconds, trust_env=False, verify=_authorities(), transport=transport)
        self._gates = {kind: asyncio.Semaphore(MAX_AT_ONCE) for kind in KINDS}

    async def get(
        self,
        source: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
        *,
        within: float | None = None,
    ) -> Any:
        """The JSON of a GET, waited for `within` seconds. Raises SourceError."""
        request = {"params": dict(query), "headers": dict(headers or {})}
        return await self._asked(source, "GET", path, request, within or self._seconds)

    async def post(self, source: str, path: str, form: Mapping[str, str]) -> Any:
        """The JSON of a POST of a form, which may be longer than an address. Raises SourceError."""
        return await self._asked(source, "POST", path, {"data": dict(form)}, self._seconds)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _asked(self, source: str, method: str, path: str, request: dict[str, Any], seconds: float) -> Any:
        address = self._addresses[source]
        who = f"{source.capitalize()} at {address}"
        if not address:
            raise SourceError(f"No address of {source.capitalize()} is known here.")
        try:
            async with self._gates[source], asyncio.timeout(seconds):
                status, body = await self._exchange(who, method, address + path, request)
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise SourceError(f"{who} took longer than {seconds:g} s: choose a shorter time range.") from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            reason = str(error) or type(error).__name__
            raise SourceError(
                f"{source.capitalize()} does not answer at {address}: see whether it runs ({reason})."
            ) from error
        return _content(who, status, body)

    async def _exchange(self, who: str, method: str, url: str, request: dict[str, Any]) -> tuple[int, bytes]:
        async with self._http.stream(method, url, **request) as response:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    size = f"{MAX_BYTES // 1_000_000} MB"
                    raise SourceError(f"The answer of {who} is larger than {size}: choose a shorter time range.")
            return response.status_code, bytes(body)


@cache
def _authorities() -> ssl.SSLContext:
    """Reading them takes longer than a query."""
    return ssl.create_default_context()


def _content(who: str, status: int, body: bytes) -> Any:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    if status >= 400:
        told = (_said(content) or body.decode("utf-8", "replace")).strip()[:_TOLD_LENGTH]
        name = who.partition(" ")[0]
        raise SourceError(f"{name} answered {status}" + (f": {told}" if told else "."), refused=status < 500)
    if content is None:
        raise SourceError(f"What {who} answered is no JSON: see whether another program has that address.")
    return content


def _said(content: Any) -> str:
    """The error in Prometheus' JSON, or Alertmanager's bare text."""
    if isinstance(content, dict):
        return str(content.get("error") or content.get("message") or "")
    return content if isinstance(content, str) else ""
