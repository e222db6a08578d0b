"""Answers in the form of Loki's JSON."""

from collections.abc import Iterable, Sequence
from typing import Any

from ai_monitoring.embedded.logql.errors import LimitError
from ai_monitoring.embedded.logql.stages.stage import Entry
from ai_monitoring.embedded.logql.table import Table
from ai_monitoring.embedded.logql.units import spelled
from ai_monitoring.embedded.store.records import Labels

Answer = dict[str, Any]
MAX_CHARACTERS = 8 * 2**20
MAX_SAMPLES = 200_000


def seconds(nanoseconds: int) -> float | int:
    """A sample's time, to the millisecond."""
    milliseconds = nanoseconds // 1_000_000
    return milliseconds / 1000 if milliseconds % 1000 else milliseconds // 1000


def streams(entries: Iterable[Entry], *, categorized: bool) -> Answer:
    """Lines by stream. `categorized`: a stream keeps its own labels, a line tells the others as its third element.

    Raises LimitError.
    """
    found: dict[Labels, list[list[Any]]] = {}
    size = 0
    for entry in entries:
        value: list[Any] = [str(entry.time), entry.line]
        if categorized:
            labels = entry.stream_labels()
            value.append(_categories(entry))
        else:
            labels = entry.labels()
        size += len(entry.line) + sum(map(len, labels.values()))
        if size > MAX_CHARACTERS:
            raise LimitError(f"the lines take more than {MAX_CHARACTERS // 2**20} MB: ask for fewer with a lower limit")
        found.setdefault(tuple(sorted(labels.items())), []).append(value)
    result = [{"stream": dict(labels), "values": values} for labels, values in sorted(found.items())]
    answer = _data("streams", result)
    if categorized:
        answer["data"]["encodingFlags"] = ["categorize-labels"]
    return answer


def _categories(entry: Entry) -> dict[str, dict[str, str]]:
    found = {"structuredMetadata": entry.metadata, "parsed": entry.parsed_labels()}
    return {name: labels for name, labels in found.items() if labels}


def matrix(table: Table, moments: Sequence[int]) -> Answer:
    """Series with their samples. Raises LimitError."""
    if sum(value is not None for values in table.values() for value in values) > MAX_SAMPLES:
        raise LimitError(f"the answer has more than {MAX_SAMPLES} samples: use a longer step, or fewer series")
    result = [
        {
            "metric": dict(labels),
            "values": [
                [seconds(moment), spelled(value)]
                for moment, value in zip(moments, values, strict=True)
                if value is not None
            ],
        }
        for labels, values in sorted(table.items())
    ]
    return _data("matrix", result)


def vector(samples: Iterable[tuple[Labels, float]], moment: int) -> Answer:
    result = [{"metric": dict(labels), "value": [seconds(moment), spelled(value)]} for labels, value in samples]
    return _data("vector", result)


def scalar(value: float, moment: int) -> Answer:
    return _data("scalar", [seconds(moment), spelled(value)])


def listing(values: Sequence[Any]) -> Answer:
    """Loki leaves `data` out where there is nothing."""
    return {"status": "success", "data": list(values)} if values else {"status": "success"}


def _data(kind: str, result: Any) -> Answer:
    return {"status": "success", "data": {"resultType": kind, "result": result, "stats": {}}}
