"""The data sources that dashboards name, asked over HTTP: Prometheus, Loki, Tempo, Alertmanager."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx2

KINDS = ("prometheus", "loki", "tempo", "alertmanager")
"""Types of data sources; those of grafana/provisioning/datasources have the same words as uids."""
SECONDS = 30.0
MAX_BYTES = 32_000_000
MAX_AT_ONCE = 8
_BESIDE = ("-- Grafana --", "-- Dashboard --", "grafana", "__expr__", "datasource")


class SourceError(Exception):
    """A data source has no answer; the message says which, what it said and what to do."""


@dataclass(frozen=True)
class Sources:
    """Where the data sources listen, such as `http://127.0.0.1:9090`."""

    prometheus: str
    loki: str
    tempo: str
    alertmanager: str = ""


class Client:
    """Asks the sources, each a few questions at once. To be closed after use."""

    def __init__(self, sources: Sources, seconds: float = SECONDS) -> None:
        self._addresses: Mapping[str, str] = vars(sources)
        self._seconds = seconds
        # A proxy of the environment must not stand between the viewer and its own machine.
        self._http = httpx2.AsyncClient(timeout=seconds, trust_env=False, verify=_authorities())
        self._gates = {kind: asyncio.Semaphore(MAX_AT_ONCE) for kind in KINDS}

    async def get(
        self, source: str, path: str, query: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> Any:
        """The JSON of a GET. Raises SourceError."""
        return await self._asked(source, "GET", path, {"params": dict(query), "headers": dict(headers or {})})

    async def post(self, source: str, path: str, form: Mapping[str, str]) -> Any:
        """The JSON of a POST of a form, which may be longer than an address. Raises SourceError."""
        return await self._asked(source, "POST", path, {"data": dict(form)})

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _asked(self, source: str, method: str, path: str, request: dict[str, Any]) -> Any:
        address = self._addresses.get(source, "")
        if not address:
            raise SourceError(f"No address of {source.capitalize()} is known here.")
        try:
            async with self._gates[source], asyncio.timeout(self._seconds):
                status, body = await self._exchange(method, address.rstrip("/") + path, request)
        except TimeoutError as error:
            raise SourceError(
                f"{source.capitalize()} at {address} took longer than {self._seconds:g} s: choose a shorter time range."
            ) from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise SourceError(
                f"{source.capitalize()} does not answer at {address}: see whether it runs ({_reason(error)})."
            ) from error
        return _content(source, status, body)

    async def _exchange(self, method: str, url: str, request: dict[str, Any]) -> tuple[int, bytes]:
        async with self._http.stream(method, url, **request) as response:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise SourceError(
                        f"The answer is larger than {MAX_BYTES // 1_000_000} MB: choose a shorter time range."
                    )
            return response.status_code, bytes(body)


@cache
def _authorities() -> ssl.SSLContext:
    """Reading them takes longer than a query."""
    return ssl.create_default_context()


def source_of(reference: object, otherwise: str = "prometheus") -> str:
    """The kind of source that a dashboard refers to by uid, type or name. Raises SourceError for one not known here."""
    if not reference:
        return otherwise
    words = [reference] if isinstance(reference, str) else [_word(reference, "uid"), _word(reference, "type")]
    for word in words:
        if str(word).lower() in KINDS:
            return str(word).lower()
    name = next((str(word) for word in words if word), "?")
    if name in _BESIDE:
        raise SourceError(f"Grafana's own data source {name!r} is not answered here: open this dashboard in Grafana.")
    raise SourceError(f"The data source {name!r} is not known here, only {', '.join(KINDS)}.")


def _word(reference: object, key: str) -> str:
    return str(reference.get(key) or "") if isinstance(reference, dict) else ""


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _content(source: str, status: int, body: bytes) -> Any:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    if status >= 400:
        raise SourceError(f"{source.capitalize()} answered {status}: {_said(content) or _plain(body)}")
    if content is None:
        raise SourceError(f"{source.capitalize()} answered what is no JSON: see whether the address is another's.")
    return content


def _said(content: Any) -> str:
    if not isinstance(content, dict):
        return ""
    return str(content.get("error") or content.get("message") or "")


def _plain(body: bytes) -> str:
    return body[:500].decode("utf-8", "replace").strip() or "nothing more"
