"""What the command line asks of Prometheus."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ai_monitoring.stack import http
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.rendering import HOST
from ai_monitoring.stack.settings import Settings

TIMEOUT = 30.0
_MOST = 10_000
"""Points of a series, nearly as many as Prometheus gives at a time; of more windows, each second or third is taken."""
START = "Look what runs: python3 start_monitoring.py status. Start it: python3 start_monitoring.py"


@dataclass(frozen=True, slots=True)
class Sample:
    """One series' value; its labels without the name."""

    labels: Mapping[str, str]
    value: float


class Prometheus:
    """The one of this machine's watch, at the port of `.env`."""

    def __init__(self, settings: Settings) -> None:
        self._url = f"http://{HOST}:{settings.ports['PROMETHEUS_PORT']}/api/v1"

    def ask(self, expr: str) -> list[Sample]:
        """The series of an expression now, without those that have no number. Raises StackError without an answer."""
        found = [_sample(one["metric"], one["value"]) for one in self._asked("query", query=expr)]
        return [sample for sample in found if math.isfinite(sample.value)]

    def sums(self, expr: str, seconds: int, window: int) -> list[Sample]:
        """How much an expression came to in the last `seconds`, where it says how much it was in the `window` before.

        Each window is looked at once, from now backwards, so that nothing counts twice: the time is rounded up to whole
        windows. Raises StackError without an answer.
        """
        windows = -(-seconds // window)
        every = -(-windows // _MOST)
        end = time.time()
        begin, step = end - window * every * ((windows - 1) // every), window * every
        found = self._asked("query_range", query=expr, start=f"{begin:.3f}", end=f"{end:.3f}", step=str(step))
        return [_summed(one["metric"], one["values"], every) for one in found]

    def _asked(self, path: str, **query: str) -> list[Any]:
        try:
            return list(http.get_json(f"{self._url}/{path}", TIMEOUT, **query)["data"]["result"])
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise StackError("Prometheus does not answer.", START) from error


def _sample(metric: dict[str, str], value: Sequence[Any]) -> Sample:
    return Sample({name: text for name, text in metric.items() if name != "__name__"}, float(value[1]))


def _summed(metric: dict[str, str], values: Sequence[Sequence[Any]], times: int) -> Sample:
    numbers = [value for one in values if math.isfinite(value := _sample(metric, one).value)]
    return Sample(_sample(metric, ("", 0)).labels, math.fsum(numbers) * times)
