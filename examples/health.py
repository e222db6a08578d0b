"""What each service of the demo says about itself under /health.

A service is `ok`, or `degraded` while another one that it calls does not answer; both are 200, since the service itself
works, and whoever watches sees the broken one fail by itself. What a service cannot work without makes it
`unavailable`, which is 503. Others are asked only whether they live, never for their health: no loops.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx2

from examples.settings import DJANGO_URL, FASTAPI_URL, VERSION

LIVE = {"django": f"{DJANGO_URL}/health/live/", "fastapi": f"{FASTAPI_URL}/health/live"}
TIMEOUT = 1.0

_client = httpx2.Client(timeout=TIMEOUT, trust_env=False)


def health(service: str, others: tuple[str, ...], own: dict[str, bool] | None = None) -> tuple[dict[str, Any], int]:
    """The answer and its status code. `own` says which parts of the service itself work."""
    own = own or {}
    with ThreadPoolExecutor(len(others)) as pool:
        lives = dict(zip(others, pool.map(is_live, others), strict=True))
    status = "unavailable" if not all(own.values()) else "ok" if all(lives.values()) else "degraded"
    answer = {
        "status": status,
        "service": service,
        "version": VERSION,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "dependencies": {name: "ok" if works else "unreachable" for name, works in {**own, **lives}.items()},
    }
    return answer, 503 if status == "unavailable" else 200


def is_live(service: str) -> bool:
    try:
        return _client.get(LIVE[service]).status_code == 200
    except httpx2.HTTPError:
        return False
