"""What a service of the demo is ordered to suffer for a while, so that incidents can be rehearsed.

    POST /control    {"seconds": 600, "orders": {"x-demo-status": "500"}}    follow these orders for ten minutes
    GET /control                                                             those in force, with the seconds left
    DELETE /control  {"orders": ["x-demo-status"]}                           take these back

Orders end by themselves, so that nothing stays broken whatever becomes of whoever gave them. They do not outlive the
service's process. A web page elsewhere cannot send them: they must come as application/json.
"""

import json
from collections.abc import Callable
from time import monotonic
from typing import Any

MAX_SECONDS = 3600.0


class Standing:
    """The orders in force at one service, by name; `known` are those that it can follow."""

    def __init__(self, service: str, known: frozenset[str], clock: Callable[[], float] = monotonic) -> None:
        self._service = service
        self._known = known
        self._clock = clock
        self._orders: dict[str, tuple[str, float]] = {}

    def orders(self) -> dict[str, str]:
        """Those whose time is not over."""
        now = self._clock()
        return {name: value for name, (value, end) in self._orders.items() if end > now}

    def answer(self, method: str, content_type: str, body: bytes) -> tuple[dict[str, Any], int]:
        """What a request to /control is answered: content and status."""
        try:
            if method != "GET":
                self._change(method, _read(content_type, body))
        except (ValueError, TypeError) as error:
            return {"error": str(error)}, 400
        now = self._clock()
        left = {name: round(self._orders[name][1] - now, 1) for name in self.orders()}
        return {"demo": self._service, "orders": self.orders(), "seconds_left": left}, 200

    def _change(self, method: str, content: dict[str, Any]) -> None:
        names = content.get("orders") or {}
        if unknown := sorted(set(names) - self._known):
            raise ValueError(f"{unknown[0]}: no order of {self._service}; there are {', '.join(sorted(self._known))}")
        if method == "DELETE":
            for name in names:
                self._orders.pop(name, None)
            return
        seconds = float(content.get("seconds", 0))
        if not 0 < seconds <= MAX_SECONDS:
            raise ValueError(f"seconds: more than 0 and at most {MAX_SECONDS:g}")
        self._orders |= {name: (str(value), self._clock() + seconds) for name, value in names.items()}


def _read(content_type: str, body: bytes) -> dict[str, Any]:
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise ValueError("Send it as Content-Type: application/json")
    content = json.loads(body)
    if not isinstance(content, dict):
        raise ValueError("The body is not a JSON object")
    return content
