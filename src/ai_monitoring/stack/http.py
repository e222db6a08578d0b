"""The little HTTP that the launcher speaks: loopback, GET, short waits."""

import http.client
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

# A proxy of the environment must not stand between the launcher and its own machine.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


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


if __name__ == "__main__":
    # A container's health check: `python -m ai_monitoring.stack.http URL`.
    sys.exit(not answers(sys.argv[1]))
