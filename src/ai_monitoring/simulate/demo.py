"""The demo's services as a rehearsal meets them: requests, and orders at their `/control`."""

import http.client
import json
from collections.abc import Mapping
from typing import Any

from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.rendering import HOST
from ai_monitoring.stack.settings import Settings, port_setting

TIMEOUT = 10.0
START = "Start it: python3 start_monitoring.py --demo"


class DemoService:
    """One service of the demo, `name` being its part. It is never somebody else's: see `check`."""

    def __init__(self, settings: Settings, name: str) -> None:
        self.name = name
        self._port = settings.ports[port_setting(name)]

    def check(self) -> None:
        """Raises StackError unless what listens there is this service of the demo."""
        try:
            answer = self._control("GET")
        except (OSError, http.client.HTTPException, ValueError):
            answer = {}
        if answer.get("demo") != self.name:
            raise StackError(f"The demo's {self.name} does not answer at {HOST}:{self._port}.", START)

    def order(self, orders: Mapping[str, str], seconds: float) -> None:
        """Make it follow these orders for that many seconds. Raises StackError where it does not take them."""
        answer = self._control("POST", {"seconds": seconds, "orders": dict(orders)})
        if "error" in answer:
            raise StackError(f"The demo's {self.name} does not take its orders: {answer['error']}.", START)

    def withdraw(self, orders: Mapping[str, str]) -> None:
        """Take orders back; a service that has ended meanwhile has forgotten them. Raises OSError."""
        self._control("DELETE", {"orders": list(orders)})

    def send(self, method: str, path: str, content: Mapping[str, str] | None = None) -> int:
        """Send one request, its path as it is; a client library would tidy it up. Returns the answer's status."""
        return self._request(method, path, content)[0]

    def _control(self, method: str, content: Mapping[str, Any] | None = None) -> dict[str, Any]:
        found = json.loads(self._request(method, "/control", content)[1])
        return found if isinstance(found, dict) else {}

    def _request(self, method: str, path: str, content: Mapping[str, Any] | None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(HOST, self._port, timeout=TIMEOUT)
        try:
            body = None if content is None else json.dumps(content)
            connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
