"""Log lines of a subject, deleted through Loki's own API: Loki and the embedded backend take the same requests."""

import http.client
import json
import time
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

PATH: Final = "/loki/api/v1/delete"
ATTRIBUTE: Final = "subject"
"""The name under which a log record carries a pseudonym."""
TIMEOUT: Final = 30.0
LOKI_HIDES: Final = 300
"""Seconds until queries leave the lines out: Loki's queriers ask for requests anew so often."""
LOKI_DELETES: Final = 6 * 3600
"""By loki/loki.yml: three hours until what is in memory is on disk, two until chunks go, and the compactor's round."""
EMBEDDED_DELETES: Final = 600
"""The embedded store's file is written anew within 20 s after the last deletion, in a minute or so if it has 2 GB."""
_BEFORE_ANY_LINE = "1000000000"
"""Loki takes ten digits of seconds and no fewer. Without an end it deletes until its own now: none may be later."""
_BUILD: Final = "/loki/api/v1/status/buildinfo"
_EVERY_STREAM = '{service_name=~".+"}'


class LogsError(Exception):
    """The lines are not deleted, or not known to be: what was asked of which address, and the answer."""


class Logs:
    """The store of logs at `address`, such as http://127.0.0.1:3100."""

    def __init__(self, address: str) -> None:
        self._parts = urlsplit(address)
        if self._parts.scheme not in ("http", "https") or not self._parts.hostname:
            raise ValueError(f"{address!r} is not the address of a log store, such as http://127.0.0.1:3100")
        self.address = address

    def delete(self, pseudonym: str) -> tuple[float, float]:
        """Delete lines that contain the pseudonym, or carry it as their attribute `subject`.

        Returns the Unix times from which on no query finds them, and from which on no file has them. Raises LogsError.
        """
        for test in (f'|= "{pseudonym}"', f'| {ATTRIBUTE}="{pseudonym}"'):
            parameters = {"query": f"{_EVERY_STREAM} {test}", "start": _BEFORE_ANY_LINE}
            self._ask("POST", f"{PATH}?{urlencode(parameters)}")
        now = time.time()
        return (now, now + EMBEDDED_DELETES) if self._is_embedded() else (now + LOKI_HIDES, now + LOKI_DELETES)

    def _is_embedded(self) -> bool:
        """Loki hides lines soon and deletes them later; the embedded backend hides before it answers."""
        try:
            content: Any = json.loads(self._ask("GET", _BUILD) or "{}")
        except ValueError as error:
            raise LogsError(f"{self.address}{_BUILD} answers with something other than JSON") from error
        return isinstance(content, dict) and content.get("revision") == "embedded"

    def _ask(self, method: str, path: str) -> str:
        kind = http.client.HTTPSConnection if self._parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._parts.hostname or "", self._parts.port, timeout=TIMEOUT)
        try:
            connection.request(method, self._parts.path.rstrip("/") + path)
            response = connection.getresponse()
            text = response.read(10_000).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            raise LogsError(f"{self.address} does not answer: {str(error) or type(error).__name__}") from error
        finally:
            connection.close()
        if response.status not in (200, 204):
            raise LogsError(f"{self.address} answers {response.status}: {text.strip()[:200]}")
        return text
