"""The corpus of pushes and queries, asked of the embedded backend and of a real Loki alike.

`python tests/logql_corpus.py http://127.0.0.1:3100` records the answers of a real, empty Loki.
"""

import asyncio
import json
import re
import sys
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import yaml
from boards import ROOT, panel_queries

FOLDER = Path(__file__).parent / "corpus"
ANSWERS = FOLDER / "logql_answers.json"
DELETIONS: list[dict[str, Any]] = yaml.safe_load((FOLDER / "deletions.yml").read_text(encoding="utf-8"))
LENGTH = 600
"""Seconds before the full hour in which the lines are."""
_PREFIX = "/loki/api/v1"
_CATEGORIES = {"X-Loki-Response-Encoding-Flags": "categorize-labels"}
_IN_DOCS = re.compile(r"`(\{service_name[^`]*\}[^`]*)`|query=(\{service_name.*?)'")
Parameters = dict[str, str]


@dataclass(frozen=True)
class Question:
    """What is asked, at which address. Times are added by `ask`."""

    path: str
    parameters: Parameters
    headers: Parameters = field(default_factory=dict)

    @property
    def label(self) -> str:
        return " ".join([self.path, *self.parameters.values(), *self.headers.values()])


@cache
def _corpus() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((FOLDER / "logql.yml").read_text(encoding="utf-8"))
    return content


def full_hour() -> int:
    """The last full hour that is a few minutes ago, in nanoseconds."""
    return (int(time.time()) - 60) // 3600 * 3600 * 1_000_000_000


def documented() -> list[str]:
    """The log queries in docs/, as a reader would type them."""
    pages = sorted((ROOT / "docs").rglob("*.md"))
    found = [match for page in pages for match in _IN_DOCS.findall(page.read_text(encoding="utf-8"))]
    return [(first or second).replace("\\|", "|") for first, second in found]


def questions() -> list[Question]:
    corpus = _corpus()
    boards = [query.runnable for query in panel_queries("loki")]
    lines = [*corpus["lines"], *documented(), *(query for query in boards if query.startswith("{"))]
    metrics = [*corpus["metrics"], *(query for query in boards if not query.startswith("{"))]
    found = [Question(path, parameters) for path, parameters in corpus["requests"]]
    for query in dict.fromkeys(lines):
        found.append(Question("query_range", {"query": query, "direction": "backward"}))
        found.append(Question("query_range", {"query": query, "direction": "forward"}, _CATEGORIES))
    for query in dict.fromkeys(metrics):
        found.append(Question("query", {"query": query}))
        found.append(Question("query_range", {"query": query, "step": "60"}))
    found.extend(Question("query_range", {"query": query}) for query in corpus["refused"])
    return found


def unrecorded() -> set[str]:
    """The queries of dashboards and pages that no real Loki has answered yet."""
    return set(_corpus()["unrecorded"])


async def push(client: httpx2.AsyncClient, hour: int) -> None:
    """Send all lines."""
    streams = [
        {
            "stream": stream["stream"],
            "values": [[str(hour + second * 1_000_000_000), *rest] for second, *rest in stream["lines"]],
        }
        for stream in _corpus()["pushes"]
    ]
    answer = await client.post(f"{_PREFIX}/push", json={"streams": streams})
    assert answer.status_code == 204, answer.text


async def ask(client: httpx2.AsyncClient, question: Question, hour: int) -> Any:
    """The answer with times relative to the hour; of a refusal only the status."""
    if question.path == "query":
        times = {"time": str(hour)}
    else:
        times = {"start": str(hour - LENGTH * 1_000_000_000), "end": str(hour)}
    answer = await client.get(
        f"{_PREFIX}/{question.path}", params=times | question.parameters, headers=question.headers
    )
    if answer.status_code != 200:
        return {"status": answer.status_code}
    return _relative(answer.json(), hour)


def _relative(content: Any, hour: int) -> Any:
    data = content.get("data")
    if not isinstance(data, dict):
        return sorted(data or [], key=_sorted_json)
    kind, result = data["resultType"], data["result"]
    match kind:
        case "streams":
            result = [_stream(stream, hour) for stream in result]
        case "matrix":
            result = [
                {"metric": one["metric"], "values": [_sample(value, hour) for value in one["values"]]} for one in result
            ]
        case "vector":
            result = [{"metric": one["metric"], "value": _sample(one["value"], hour)} for one in result]
        case _:
            result = _number(result[1])  # Loki's time of a number is none
    if kind in ("streams", "matrix"):
        result.sort(key=_sorted_json)
    return {"type": kind, "result": result, "flags": data.get("encodingFlags", [])}


def _stream(stream: dict[str, Any], hour: int) -> dict[str, Any]:
    values = [[int(moment) - hour, *rest] for moment, *rest in stream["values"]]
    for value in values:
        for part in value[2:]:
            part.get("parsed", {}).pop("__error_details__", None)  # in each program's own words
    labels = {name: value for name, value in stream["stream"].items() if name != "__error_details__"}
    return {"stream": labels, "values": values}


def _sample(sample: list[Any], hour: int) -> list[Any]:
    moment, value = sample
    return [round(moment - hour / 1e9, 3), _number(value)]


def _number(text: str) -> float | str:
    """To twelve digits: programs add in different orders."""
    return float(f"{float(text):.12g}") if text[-1].isdigit() else text


def _sorted_json(content: Any) -> str:
    return json.dumps(content, sort_keys=True)


def recorded() -> dict[str, Any]:
    """Each question's answer, by its label."""
    content: dict[str, Any] = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return dict(content["answers"])


async def record(address: str) -> None:
    hour = full_hour()
    async with httpx2.AsyncClient(base_url=address, timeout=60) as client:
        build = (await client.get(f"{_PREFIX}/status/buildinfo")).json()
        await push(client, hour)
        answers = {question.label: await ask(client, question, hour) for question in questions()}
    content = {"loki": f"{build['version']} {build['revision']}", "answers": answers}
    text = ",\n".join(
        f"{json.dumps(label, ensure_ascii=False)}: {json.dumps(answer, ensure_ascii=False, sort_keys=True)}"
        for label, answer in answers.items()
    )
    ANSWERS.write_text(f'{{"loki": {json.dumps(content["loki"])}, "answers": {{\n{text}\n}}}}\n', encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(record(sys.argv[1]))
