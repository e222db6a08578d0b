"""What the command line asks of Prometheus."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ai_monitoring.stack import http
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.rendering import HOST
from ai_monitoring.stack.settings import Settings

TIMEOUT = 30.0
START = "Look what runs: python3 start_monitoring.py status. Start it: python3 start_monitoring.py"


@dataclass(frozen=True, slots=True)
class Sample:
    """One series' value; its labels without the name."""

    labels: Mapping[str, str]
    value: float


class Prometheus:
    """The one of this machine's watch, at the port of `.env`."""

    def __init__(self, settings: Settings) -> None:
        self._url = f"http://{HOST}:{settings.ports['PROMETHEUS_PORT']}/api/v1/query"

    def ask(self, expr: str) -> list[Sample]:
        """The series of an expression now, without those that have no number. Raises StackError without an answer."""
        try:
            content = http.get_json(self._url, TIMEOUT, query=expr)
            return [found for one in content["data"]["result"] if math.isfinite((found := _sample(one)).value)]
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise StackError("Prometheus does not answer.", START) from error


def _sample(result: dict[str, Any]) -> Sample:
    labels = {name: value for name, value in result["metric"].items() if name != "__name__"}
    return Sample(labels, float(result["value"][1]))
