"""Sessions of those who are signed in, in memory: a restart signs everybody out."""

import secrets
import time
from collections.abc import Callable
from hashlib import sha256

COOKIE = "ai_monitoring_session"
IDLE_SECONDS = 12 * 3600.0
MOST = 1000


class Sessions:
    """Tokens that are known by their hash alone, so that nothing read from memory signs anybody in."""

    def __init__(self, idle_seconds: float = IDLE_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._idle = idle_seconds
        self._clock = clock
        self._last_seen: dict[bytes, float] = {}

    def open(self) -> str:
        """A new session's token. Past MOST sessions, the one unused for longest ends."""
        self._forget_idle()
        if len(self._last_seen) >= MOST:
            del self._last_seen[min(self._last_seen, key=self._last_seen.__getitem__)]
        token = secrets.token_urlsafe(32)
        self._last_seen[_digest(token)] = self._clock()
        return token

    def valid(self, token: str) -> bool:
        """Whether the session is open; using it keeps it open."""
        digest, now = _digest(token), self._clock()
        last_seen = self._last_seen.get(digest)
        if last_seen is None or now - last_seen > self._idle:
            return False
        self._last_seen[digest] = now
        return True

    def close(self, token: str) -> None:
        self._last_seen.pop(_digest(token), None)

    def _forget_idle(self) -> None:
        begin = self._clock() - self._idle
        self._last_seen = {digest: seen for digest, seen in self._last_seen.items() if seen >= begin}


def _digest(token: str) -> bytes:
    return sha256(token.encode(errors="replace")).digest()
