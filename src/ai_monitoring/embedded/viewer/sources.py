"""Asking Prometheus, Alertmanager and Loki, and saying in plain words what went wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

TIMEOUT_SECONDS = 10.0
_TEXT_LENGTH = 500


class SourceError(Exception):
    """Why there is no answer, for a person to read. `refused` when the source took the question and declined it."""

    def __init__(self, text: str, refused: bool = False) -> None:
        super().__init__(text)
        self.refused = refused


def http_client() -> httpx2.AsyncClient:
    """A client that no proxy of the environment diverts from this machine."""
    return httpx2.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False)


@dataclass(frozen=True, slots=True)
class Source:
    """One of the programs that the viewer asks. `address` has no slash at its end."""

    name: str
    address: str
    client: httpx2.AsyncClient

    async def get(self, path: str, query: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Any:
        """The JSON of its answer. Raises SourceError."""
        try:
            answer = await self.client.get(self.address + path, params=query, headers=headers)
        except httpx2.TimeoutException as error:
            raise SourceError(f"{self.name} at {self.address} took longer than {TIMEOUT_SECONDS:.0f} s.") from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise SourceError(f"{self.name} does not answer at {self.address}.") from error
        if answer.is_success:
            return self._json(answer)
        refused = answer.status_code < 500
        raise SourceError(_told(answer) or f"{self.name} answered {answer.status_code}.", refused)

    def _json(self, answer: httpx2.Response) -> Any:
        try:
            return answer.json()
        except ValueError as error:
            raise SourceError(f"What answers at {self.address} is not {self.name}.") from error


def _told(answer: httpx2.Response) -> str:
    """The error in Prometheus' JSON, or Loki's plain text."""
    try:
        content = answer.json()
    except ValueError:
        return answer.text.strip()[:_TEXT_LENGTH]
    error = content.get("error", content.get("message", "")) if isinstance(content, dict) else content
    return str(error)[:_TEXT_LENGTH]
