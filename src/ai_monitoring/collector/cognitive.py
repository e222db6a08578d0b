"""What recorded answers are worth: the evaluators' report as a reading, and counted under `ai_…`."""

import logging
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from typing import Final

from prometheus_client import CollectorRegistry

from ai_monitoring.collector import cognitive_reading
from ai_monitoring.collector.admission import Admission
from ai_monitoring.collector.answer_counts import AnswerCounts
from ai_monitoring.collector.cognitive_reading import CognitiveReading
from ai_monitoring.quality.builtin import built_in
from ai_monitoring.quality.evaluator import Evaluator, Exchange
from ai_monitoring.quality.suite import Setting, Suite

logger = logging.getLogger("ai_monitoring.collector")

_OF_PROMPTS: Final = frozenset({"attacks", "personal_data"})
"""What there is to say of a call that failed without an answer."""
_NOTHING: Final = CognitiveReading()


class Cognitive:
    """Runs evaluators over requests. Counts an answer once; of a call that failed without one, the prompt alone.

    `evaluators` are the built-in ones unless given, `settings` are by their names. Raises ValueError for two evaluators
    of one name.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        settings: Mapping[str, Setting],
        evaluators: Iterable[Evaluator] | None = None,
    ) -> None:
        if evaluators is None and find_spec("Stemmer") is None:
            logger.warning("Answers cannot be evaluated in full: pip install 'ai-monitoring[quality]'")
        given = built_in() if evaluators is None else evaluators
        chosen = [evaluator for evaluator in given if settings.get(evaluator.name, Setting()).enabled]
        names = {evaluator.name for evaluator in chosen}
        self._runs_any = bool(chosen)
        self._suite = Suite(chosen, {name: setting for name, setting in settings.items() if name in names})
        self._counts = AnswerCounts(registry)

    def assess(self, admission: Admission) -> CognitiveReading:
        if not self._runs_any:
            return _NOTHING
        request = admission.request
        exchange = Exchange(request.prompt, request.response, tuple(request.context), request.confidence)
        report = self._suite.evaluate(exchange, request.request_id)
        said = report.evaluations
        if request.error and not request.response.strip():
            said = {name: said[name] for name in _OF_PROMPTS & said.keys()}
        reading = cognitive_reading.reading(said)
        if admission.new:
            self._counts.ran(report.outcomes)
            self._counts.count(reading)
        return reading
