"""What all scenarios share: a client, tokens good and bad, and a count of what was sent."""

from dataclasses import dataclass, field
from time import monotonic, time
from typing import Any

import httpx2
import jwt

from examples.settings import DJANGO_URL, FASTAPI_URL, Secrets

TOKEN_SECONDS = 600
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) demo-traffic"


class UnexpectedAnswerError(Exception):
    """A service answered otherwise than the scenario says."""


@dataclass
class World:
    """One run of the traffic. `pause` is how many seconds a visitor thinks between two clicks."""

    secrets: Secrets
    pause: float
    django: httpx2.AsyncClient = field(default_factory=lambda: _client(DJANGO_URL))
    fastapi: httpx2.AsyncClient = field(default_factory=lambda: _client(FASTAPI_URL))
    requests: int = 0
    turns: dict[str, int] = field(default_factory=dict)
    _tokens: dict[str, tuple[str, float]] = field(default_factory=dict)

    async def ask(
        self, client: httpx2.AsyncClient, method: str, path: str, expect: int, token: str = "", **more: Any
    ) -> httpx2.Response:
        """Send a request. Raises UnexpectedAnswerError where the status is not `expect`, and httpx2.HTTPError."""
        headers = {"Authorization": token if " " in token else f"Bearer {token}"} if token else {}
        self.requests += 1
        answer = await client.request(method, path, headers={**headers, **more.pop("headers", {})}, **more)
        if answer.status_code != expect:
            raise UnexpectedAnswerError(f"{method} {path} answered {answer.status_code}, not {expect}")
        return answer

    async def log_in(self, user: str) -> str:
        credentials = {"username": user, "password": self.secrets.passwords[user]}
        answer = await self.ask(self.django, "POST", "/api/login/", 200, json=credentials)
        token = str(answer.json()["access"])
        self._tokens[user] = (token, monotonic())
        return token

    async def token(self, user: str) -> str:
        """A token that is valid for some minutes yet."""
        token, since = self._tokens.get(user, ("", 0.0))
        return token if token and monotonic() - since < TOKEN_SECONDS else await self.log_in(user)

    def bad_token(self, kind: str) -> str:
        """A token that is expired, signed by somebody else (invalid), or none at all (malformed)."""
        if kind == "malformed":
            return "this-is-no-token"
        expiry = time() + (60 if kind == "invalid" else -60)
        key = self.secrets.token_key + ("" if kind == "expired" else " of somebody else")
        claims = {"token_type": "access", "user_id": "1", "jti": "demo", "exp": int(expiry)}
        return jwt.encode(claims, key, "HS256")

    def turn(self, name: str, length: int) -> int:
        """Which of `length` variants comes now: each in its turn, so that no window holds more than its share."""
        number = self.turns.get(name, 0)
        self.turns[name] = number + 1
        return number % length


def _client(address: str) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(base_url=address, timeout=10.0, trust_env=False, headers={"User-Agent": USER_AGENT})
