"""Runs evaluators so that none can hurt the caller: each switched, sampled, timed and bounded on its own."""

import math
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from ai_monitoring.quality.evaluator import Evaluation, Evaluator, Exchange
from ai_monitoring.quality.text import MAX_CHARACTERS, bounded
from ai_monitoring.quality.worker import CallTimeoutError, Pool

MAX_HANGS: Final = 3
"""After so many time-outs in a row an evaluator is switched off: each has left a thread behind."""

_MAX_DOCUMENTS: Final = 20


@dataclass(frozen=True, slots=True)
class Setting:
    """How one evaluator runs. `sample` is the share of requests from 0 to 1, chosen by request id, so that a request
    seen twice is treated alike; `time_limit` is in seconds.
    """

    enabled: bool = True
    sample: float = 1.0
    time_limit: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.sample <= 1:
            raise ValueError(f"sample is {self.sample}: give a share from 0 to 1")
        if not (self.time_limit > 0 and math.isfinite(self.time_limit)):
            raise ValueError(f"time_limit is {self.time_limit}: give seconds above 0")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one run ended. `error` is the exception's type, without its message, which could quote the text."""

    outcome: Literal["ok", "error", "timeout", "sampled_out", "switched_off"]
    seconds: float = 0.0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What the evaluators said, and for each how its run ended; both by the evaluator's name."""

    evaluations: Mapping[str, Evaluation] = field(default_factory=dict)
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)


class Suite:
    """Evaluators with their settings; `settings` by name, the default for those it does not name.

    Raises ValueError for two evaluators of one name and for a setting that names none. Safe for several threads.
    """

    def __init__(self, evaluators: Iterable[Evaluator], settings: Mapping[str, Setting] | None = None) -> None:
        given = tuple(evaluators)
        self._evaluators = {evaluator.name: evaluator for evaluator in given}
        if len(self._evaluators) < len(given):
            raise ValueError("two evaluators have the same name; give each its own")
        self._settings = {name: Setting() for name in self._evaluators} | dict(settings or {})
        if unknown := self._settings.keys() - self._evaluators.keys():
            raise ValueError(f"no evaluator is called {min(unknown)}; there are {', '.join(self._evaluators)}")
        self._hangs = dict.fromkeys(self._evaluators, 0)
        self._pool = Pool()

    def evaluate(self, exchange: Exchange, request_id: str = "") -> Report:
        """Run each in turn on the bounded texts; never raises.

        An evaluator that takes longer than its limit is left behind on its thread, and off after MAX_HANGS in a row.
        Those marked `linear` run on the caller's thread, without a limit: the texts' bound is theirs. What holds the
        interpreter's lock for good, such as a regular expression that explodes, cannot be left behind in Python; the
        built-in ones have none.
        """
        exchange = _bounded(exchange)
        evaluations: dict[str, Evaluation] = {}
        outcomes: dict[str, Outcome] = {}
        for name, result, outcome in self._run(exchange, request_id):
            outcomes[name] = outcome
            if result is not None:
                evaluations[name] = result
        return Report(evaluations, outcomes)

    def _run(self, exchange: Exchange, request_id: str) -> Iterator[tuple[str, Evaluation | None, Outcome]]:
        for name, evaluator in self._evaluators.items():
            setting = self._settings[name]
            if not setting.enabled or self._hangs[name] >= MAX_HANGS:
                yield name, None, Outcome("switched_off")
            elif not _sampled(name, request_id, setting.sample):
                yield name, None, Outcome("sampled_out")
            else:
                yield name, *self._bounded_run(evaluator, exchange, setting.time_limit)

    def _bounded_run(self, evaluator: Evaluator, exchange: Exchange, limit: float) -> tuple[Evaluation | None, Outcome]:
        started = time.perf_counter()
        try:
            result = _checked(self._call(evaluator, exchange, limit))
        except CallTimeoutError:
            self._hangs[evaluator.name] += 1
            return None, Outcome("timeout", time.perf_counter() - started)
        except Exception as error:
            return None, Outcome("error", time.perf_counter() - started, type(error).__name__)
        self._hangs[evaluator.name] = 0
        return result, Outcome("ok", time.perf_counter() - started)

    def _call(self, evaluator: Evaluator, exchange: Exchange, limit: float) -> Evaluation:
        """A thread's hand-over costs more than most evaluators on a busy machine: linear ones do without."""
        if getattr(evaluator, "linear", False):
            return evaluator.evaluate(exchange)
        return self._pool.run(lambda: evaluator.evaluate(exchange), limit)


def _checked(result: Evaluation) -> Evaluation:
    if not isinstance(result, Evaluation):
        raise TypeError("an evaluator gives an Evaluation")
    if not math.isfinite(result.score):
        raise ValueError("a score is a number")
    return result if 0 <= result.score <= 1 else replace(result, score=min(1.0, max(0.0, result.score)))


def _sampled(name: str, request_id: str, share: float) -> bool:
    """By a hash of evaluator and request: the same in every process; evaluators are sampled independently."""
    return share >= 1 or zlib.crc32(f"{name}:{request_id}".encode("utf-8", "replace")) < share * 2**32


def _bounded(exchange: Exchange) -> Exchange:
    return replace(
        exchange,
        prompt=bounded(exchange.prompt),
        response=bounded(exchange.response),
        context=tuple(bounded(text, MAX_CHARACTERS // 4) for text in exchange.context[:_MAX_DOCUMENTS]),
    )
