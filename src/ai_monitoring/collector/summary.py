"""What was recorded since the start, in a few numbers and bounded memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from time import time
from typing import Any, Final

from ai_monitoring.collector.request import AIRequest
from ai_monitoring.metrics.declaration import OTHER

MAX_MODELS: Final = 100
_FOUND: Final = ("hallucination", "toxicity", "bias", "attacks")


@dataclass(slots=True)
class Totals:
    """Of all requests, or of a model's. `quality` and `seconds` are sums, of `answers` and `requests`."""

    requests: int = 0
    errors: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    cost: float = 0.0
    unpriced: int = 0
    answers: int = 0
    quality: float = 0.0
    found: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_FOUND, 0))

    def add(self, request: AIRequest, readings: Mapping[str, Any]) -> None:
        technical, cognitive, cost = readings["technical"], readings["cognitive"], readings["finops"].cost
        self.requests += 1
        self.errors += technical.error_type is not None
        self.input_tokens += request.input_tokens
        self.output_tokens += request.output_tokens
        self.seconds += request.latency_ms / 1000
        self.cost += float(cost.total_cost)
        self.unpriced += not cost.priced
        if cognitive.quality.overall_score is not None:
            self.answers += 1
            self.quality += cognitive.quality.overall_score
        for name in _FOUND:
            self.found[name] += getattr(cognitive, name).detected

    def told(self) -> dict[str, Any]:
        return {
            "requests": self.requests,
            "errors": self.errors,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "mean_latency_ms": round(self.seconds / self.requests * 1000, 3) if self.requests else None,
            "cost": round(self.cost, 9),
            "unpriced_requests": self.unpriced,
            "mean_quality": round(self.quality / self.answers, 3) if self.answers else None,
            **self.found,
        }


class Summary:
    """Adds up requests, in all and by model. Safe for several threads."""

    def __init__(self, currency: str) -> None:
        self._currency, self._since = currency, time()
        self._all = Totals()
        self._models: dict[str, Totals] = {}
        self._lock = Lock()

    def add(self, request: AIRequest, readings: Mapping[str, Any]) -> None:
        with self._lock:
            self._all.add(request, readings)
            self._of(f"{request.provider}/{request.model}").add(request, readings)

    def told(self) -> dict[str, Any]:
        """`since` in Unix seconds, `cost` in `currency`; `models` by provider and model."""
        with self._lock:
            models = {name: totals.told() for name, totals in self._models.items()}
            return {"since": self._since, "currency": self._currency, **self._all.told(), "models": models}

    def _of(self, model: str) -> Totals:
        name = model if model in self._models or len(self._models) < MAX_MODELS else OTHER
        return self._models.setdefault(name, Totals())
