"""The demo's FastAPI service as a replay meets it: requests that go out, counters that it shows."""

import http.client
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Self
from urllib.parse import urlsplit

from prometheus_client.parser import text_string_to_metric_families

from ai_monitoring.cli.trace import Recorded
from ai_monitoring.stack.errors import StackError

TIMEOUT = 60.0
IDLE_SECONDS = 2.0
"""A connection that rested longer is not used again: the server closes it after five seconds, perhaps just then."""


@dataclass(frozen=True, slots=True)
class Counters:
    """What the service has counted for one model; `cost` by currency."""

    calls: float = 0.0
    input_tokens: float = 0.0
    output_tokens: float = 0.0
    cost: Mapping[str, float] = field(default_factory=dict)

    def since(self, before: "Counters") -> "Counters":
        """What came after `before`."""
        return Counters(
            self.calls - before.calls,
            self.input_tokens - before.input_tokens,
            self.output_tokens - before.output_tokens,
            {currency: cost - before.cost.get(currency, 0.0) for currency, cost in self.cost.items()},
        )


class Service:
    """One connection for each thread, without libraries: the sender must cost less than what it sends to."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise StackError(f"{url!r} is not the address of a service.", "Give one such as http://127.0.0.1:8000.")
        self.url = url
        self._address = (parts.hostname, parts.port or 80)
        self._thread = threading.local()
        self._opened: list[http.client.HTTPConnection] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections of all threads, none of which sends any more."""
        for connection in self._opened:
            connection.close()

    def send(self, recorded: Recorded, *, stream: bool) -> dict[str, Any]:
        """Replay one request; what the model counted. Raises OSError or http.client.HTTPException, or ValueError with
        the service's refusal.
        """
        asked = {
            "context_tokens": recorded.context_tokens,
            "generated_tokens": recorded.generated_tokens,
            "stream": stream,
        }
        status, text = self._ask("POST", "/replay", json.dumps(asked))
        content = json.loads(text) if text.startswith("{") else {}
        if status != 200:
            raise ValueError(f"{status}: {content.get('detail', 'no /replay here')}")
        counted: dict[str, Any] = content
        return counted

    def metrics(self) -> str:
        """The service's page of metrics. Raises StackError where no service answers with one."""
        try:
            status, text = self._ask("GET", "/metrics")
        except (OSError, http.client.HTTPException) as error:
            raise StackError(
                f"No service answers at {self.url}: {str(error) or type(error).__name__}.",
                "Start the demo first: ai-monitoring demo. Or name its FastAPI service with --service.",
            ) from error
        if status != 200:
            raise StackError(f"{self.url}/metrics answers {status}.", "Is this the demo's FastAPI service?")
        return text

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        connection = self._connection()
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            response = connection.getresponse()
            answer = response.status, response.read().decode()
        except BaseException:
            connection.close()
            raise
        self._thread.used = monotonic()
        return answer

    def _connection(self) -> http.client.HTTPConnection:
        thread = self._thread
        if not hasattr(thread, "connection"):
            thread.connection = http.client.HTTPConnection(*self._address, timeout=TIMEOUT)
            self._opened.append(thread.connection)
        elif monotonic() - thread.used > IDLE_SECONDS:
            thread.connection.close()
        thread.used = monotonic()
        connection: http.client.HTTPConnection = thread.connection
        return connection


def counters(page: str, model: str) -> Counters:
    """What a page of metrics says about one model."""
    found: dict[str, float] = {}
    cost: dict[str, float] = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            if sample.labels.get("model") != model:
                continue
            if sample.name == "llm_cost_total":
                currency = sample.labels["currency"]
                cost[currency] = cost.get(currency, 0.0) + sample.value
            else:
                key = f"{sample.name} {sample.labels.get('type', '')}".strip()
                found[key] = found.get(key, 0.0) + sample.value
    return Counters(
        found.get("llm_requests_total", 0.0),
        found.get("llm_tokens_total input", 0.0),
        found.get("llm_tokens_total output", 0.0),
        cost,
    )
