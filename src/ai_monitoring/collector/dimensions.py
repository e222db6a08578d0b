"""The dimensions of a recorded request, made in one place. One that fails is counted, and yields its empty reading."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry

from ai_monitoring.collector.admission import Admission
from ai_monitoring.collector.cognitive import Cognitive
from ai_monitoring.collector.cognitive_reading import CognitiveReading
from ai_monitoring.collector.technical import Technical, TechnicalReading
from ai_monitoring.compliance.assessment import Compliance
from ai_monitoring.compliance.reading import NOT_ASSESSED, ComplianceReading
from ai_monitoring.configuration import Configuration
from ai_monitoring.devops import DevOps, DevOpsReading
from ai_monitoring.finops.assessment import FinOps
from ai_monitoring.finops.reading import FinOpsReading
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


class Dimensions:
    """All of them, in the order in which they are read: compliance needs what the evaluators found."""

    def __init__(
        self, configuration: Configuration, registry: CollectorRegistry, evaluators: Iterable[Evaluator] | None = None
    ) -> None:
        self._configuration, self._registry = configuration, registry
        self._prices = Prices(configuration)
        self._technical = Technical(registry, self._prices)
        self._cognitive = Cognitive(registry, configuration.evaluators, evaluators)
        self._devops = DevOps(configuration, registry)
        self._closed = True
        self.open()
        self.money = Dimension("finops", self._booked, FinOpsReading())
        self.all = (
            Dimension("technical", lambda admission, _: self._technical.assess(admission), TechnicalReading()),
            Dimension("cognitive", lambda admission, _: self._cognitive.assess(admission), CognitiveReading()),
            self.money,
            Dimension("devops", lambda *_: self._devops.reading(), DevOpsReading()),
            Dimension("compliance", self._law, NOT_ASSESSED),
        )

    def open(self) -> None:
        """Have the ledger and the audit log take entries, again after a close."""
        if self._closed:
            self._finops = FinOps(self._configuration, self._registry, self._prices)
            self._compliance = Compliance(self._configuration, self._registry)
            self._closed = False

    def close(self, seconds: float) -> None:
        """Write what waits for the ledger, for at most so long, and for the audit log."""
        self._closed = True
        self._finops.close(seconds)
        self._compliance.close()

    def pseudonym(self, user: str) -> str:
        """As the audit log knows them."""
        return self._compliance.pseudonyms.of(user)

    def _booked(self, admission: Admission, _: Mapping[str, Any]) -> FinOpsReading:
        return self._finops.assess(admission.request, new=admission.new)

    def _law(self, admission: Admission, readings: Mapping[str, Any]) -> ComplianceReading:
        found = readings["cognitive"].personal_data
        return self._compliance.assess(admission.request, found, new=admission.new)
