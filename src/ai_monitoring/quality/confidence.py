"""What the application says of its own answers, and whether that drifts down."""

import threading
from dataclasses import dataclass
from typing import Final, Literal

from ai_monitoring.quality.evaluator import Evaluation, Exchange

LOW: Final = 0.5
"""Below this an answer counts as unsure."""


@dataclass(slots=True)
class PageHinkley:
    """Whether the mean of a stream has fallen: the Page-Hinkley test (Page, Biometrika 41, 1954), constant memory.

    A fall counts where the sum of deviations from the running mean, each less `slack`, exceeds `threshold`; at the
    default, 50 values 0.15 lower are found. At least `warm_up` values come first. After a fall it starts anew.
    """

    slack: float = 0.02
    threshold: float = 4.0
    warm_up: int = 30
    count: int = 0
    mean: float = 0.0
    _sum: float = 0.0
    _lowest: float = 0.0

    @property
    def drift(self) -> float:
        """How far towards a fall the stream is, 0 to 1."""
        return min(1.0, (self._sum - self._lowest) / self.threshold) if self.count >= self.warm_up else 0.0

    def update(self, value: float) -> bool:
        """Take one value in; True where it makes the fall certain."""
        self.count += 1
        self.mean += (value - self.mean) / self.count
        self._sum += self.mean - value - self.slack
        self._lowest = min(self._lowest, self._sum)
        fallen = self.count >= self.warm_up and self._sum - self._lowest > self.threshold
        if fallen:
            self.count, self.mean, self._sum, self._lowest = 0, 0.0, 0.0, 0.0
        return fallen


class ConfidenceEvaluator:
    """The confidence that the application gave with the answer; `parts["drift"]` tells how far it has been falling.

    One instance watches one stream (a model, a service). Safe for several threads.
    """

    name = "confidence"
    high_is: Literal["good", "bad", "neither"] = "good"
    linear = True

    def __init__(self, test: PageHinkley | None = None) -> None:
        self._test = test or PageHinkley()
        self._lock = threading.Lock()

    def evaluate(self, exchange: Exchange) -> Evaluation:
        """Labels: high, low, not_given, and drifted for the answer at which the fall became certain."""
        if exchange.confidence is None or exchange.confidence != exchange.confidence:
            return Evaluation(0.5, "not_given", "the application gave no confidence")
        value = min(1.0, max(0.0, exchange.confidence))
        with self._lock:
            fallen, drift = self._test.update(value), self._test.drift
        label = "drifted" if fallen else "low" if value < LOW else "high"
        clamped = "" if value == exchange.confidence else ", clamped to 0 to 1"
        return Evaluation(value, label, f"as given{clamped}", parts={"drift": 1.0 if fallen else round(drift, 3)})
