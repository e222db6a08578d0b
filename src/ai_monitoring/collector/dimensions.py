"""The dimensions of a recorded request, made in one place. One that fails is counted, and yields its empty reading."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry

from ai_monitoring.collector.admission import Admission
from ai_monitoring.collector.cognitive import Cognitive
from ai_monitoring.collector.cognitive_reading import CognitiveReading
from ai_monitoring.collector.cost import FinOpsReading, Pricing
from ai_monitoring.collector.technical import Technical, TechnicalReading
from ai_monitoring.configuration import Configuration
from ai_monitoring.devops import DevOps, DevOpsReading
from ai_monitoring.llm.prices import Prices
from ai_monitoring.quality.evaluator import Evaluator


@dataclass(frozen=True, slots=True)
class Dimension:
    """`assess` gives the reading of a request, from what the dimensions before it have read; `empty` stands in for one
    that failed. It counts nothing for a request that is not `new`.
    """

    name: str
    assess: Callable[[Admission, Mapping[str, Any]], Any]
    empty: Any


def dimensions(
    configuration: Configuration, registry: CollectorRegistry, evaluators: Iterable[Evaluator] | None = None
) -> tuple[Dimension, ...]:
    """All of them, in the order in which they are read: compliance needs what the evaluators found."""
    prices = Prices(configuration)
    technical = Technical(registry, prices)
    cognitive = Cognitive(registry, configuration.evaluators, evaluators)
    pricing = Pricing(prices)
    devops = DevOps(configuration, registry)
    return (
        Dimension("technical", lambda admission, _: technical.assess(admission), TechnicalReading()),
        Dimension("cognitive", lambda admission, _: cognitive.assess(admission), CognitiveReading()),
        Dimension("finops", lambda admission, _: pricing.assess(admission), FinOpsReading()),
        Dimension("devops", lambda *_: devops.reading(), DevOpsReading()),
    )
