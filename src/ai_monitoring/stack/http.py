"""The little HTTP that the launcher and the command line speak: loopback, JSON, short waits."""

import http.client
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

# A proxy of the environment must not stand between the launcher and its own machine.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class RefusedError(Exception):
    """An answer that is no success: its status and its own words."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}".strip())
        self.status = status
        self.reason = reason


def answers(url: str, timeout: float = 2.0) -> bool:
    """Whether a GET of `url` is answered with 2xx within `timeout` seconds."""
    try:
        with _opener.open(url, timeout=timeout):
            return True
    except (OSError, ValueError, http.client.HTTPException):
        return False


def get_json(url: str, timeout: float = 5.0, **query: str) -> Any:
    """The JSON that a GET of `url` answers. Raises OSError or ValueError when there is none."""
    address = f"{url}?{urllib.parse.urlencode(query)}" if query else url
    try:
        with _opener.open(address, timeout=timeout) as response:
            return json.load(response)
    except http.client.HTTPException as error:
        raise ValueError(f"{address} does not speak HTTP: {error!r}") from error


def send_json(method: str, url: str, content: Any = None, timeout: float = 5.0) -> Any:
    """The JSON that is answered to `content`; None where nothing is. Raises RefusedError for an answer that is no 2xx,
    OSError or ValueError where there is no answer.
    """
    body = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method=method)  # noqa: S310 - loopback
    try:
        with _opener.open(request, timeout=timeout) as response:
            text = response.read()
            return json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        with error:
            raise RefusedError(error.code, _reason(error.read(10_000))) from None
    except http.client.HTTPException as error:
        raise ValueError(f"{url} does not speak HTTP: {error!r}") from error


def _reason(body: bytes) -> str:
    """Why, in the answer's own words: those of its `error`, else all of them on one line."""
    text = body.decode("utf-8", "replace")
    try:
        content = json.loads(text)
    except ValueError:
        content = text
    if isinstance(content, dict):
        content = content.get("error") or content.get("message") or text
    return " ".join(str(content).split())


if __name__ == "__main__":
    # A container's health check: `python -m ai_monitoring.stack.http URL`.
    sys.exit(not answers(sys.argv[1]))
