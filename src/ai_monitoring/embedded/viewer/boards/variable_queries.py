"""What a variable of the type `query` asks of its data source."""

import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from ai_monitoring.embedded.viewer.boards.formats import query as in_query
from ai_monitoring.embedded.viewer.boards.formats import regex
from ai_monitoring.embedded.viewer.boards.legends import full
from ai_monitoring.embedded.viewer.boards.patterns import pattern
from ai_monitoring.embedded.viewer.boards.prometheus import samples_of
from ai_monitoring.embedded.viewer.boards.references import source_of
from ai_monitoring.embedded.viewer.boards.view import View
from ai_monitoring.embedded.viewer.prometheus import results
from ai_monitoring.embedded.viewer.sources import Client, SourceError

_LABEL_VALUES = re.compile(r"label_values\((?:(.+),)?\s*([a-zA-Z_$][\w.$]*|\"[^\"]+\")\s*\)", re.DOTALL)
_LABEL_NAMES = re.compile(r"label_names\((.*)\)", re.DOTALL)
_METRICS = re.compile(r"metrics\((.+)\)", re.DOTALL)
_RESULT = re.compile(r"query_result\((.+)\)", re.DOTALL)
_LABEL_NAMES_OF_LOKI, _LABEL_VALUES_OF_LOKI = 0, 1


async def ask(variable: dict[str, Any], view: View, client: Client) -> list[str]:
    """The values found. Raises SourceError, PatternError."""
    reference = variable.get("datasource")
    source = source_of(_filled(reference, view))
    text = variable.get("query") or variable.get("definition") or ""
    if source not in _ASKERS:
        raise SourceError(f"Variables cannot be asked of {source.capitalize()} here.")
    return await _ASKERS[source](text, view, client)


def _filled(reference: Any, view: View) -> Any:
    if isinstance(reference, dict):
        return {key: view.filled(str(value)) for key, value in reference.items()}
    return view.filled(reference) if isinstance(reference, str) else reference


def _seconds(view: View) -> dict[str, str]:
    return {"start": str(view.range.begin // 1000), "end": str(-(-view.range.end // 1000))}


def _nanoseconds(view: View) -> dict[str, str]:
    return {"start": f"{view.range.begin}000000", "end": f"{view.range.end}000000"}


async def _prometheus(text: Any, view: View, client: Client) -> list[str]:
    asked = str(text.get("query", "") if isinstance(text, dict) else text).strip()
    times = _seconds(view)
    if found := _LABEL_NAMES.fullmatch(asked):
        return _fitting(_listed(await client.get("prometheus", "/api/v1/labels", times)), view.filled(found[1], regex))
    if found := _METRICS.fullmatch(asked):
        names = await client.get("prometheus", "/api/v1/label/__name__/values", times)
        return _fitting(_listed(names), view.filled(found[1], regex))
    expression = view.filled(asked, in_query)
    if found := _LABEL_VALUES.fullmatch(expression):
        match = {"match[]": found[1].strip()} if found[1] else {}
        label = quote(found[2].strip('"'), safe="")
        return _listed(await client.get("prometheus", f"/api/v1/label/{label}/values", {**times, **match}))
    if found := _RESULT.fullmatch(expression):
        content = await client.post("prometheus", "/api/v1/query", {"query": found[1], "time": times["end"]})
        return [_sample(each) for each in results(content)]
    return await _series(expression, times, client)


async def _series(expression: str, times: dict[str, str], client: Client) -> list[str]:
    if not expression:
        return []
    content = await client.get("prometheus", "/api/v1/series", {**times, "match[]": expression})
    return [full(labels) for labels in content.get("data", [])]


async def _loki(text: Any, view: View, client: Client) -> list[str]:
    """Of `{"type": 1, "label": …, "stream": …}`, or of the same as text: `label_values({app="a"}, level)`."""
    stream, label = _loki_parts(text)
    path = f"/loki/api/v1/label/{quote(view.filled(label), safe='')}/values" if label else "/loki/api/v1/labels"
    selector = {"query": view.filled(stream, in_query)} if stream else {}
    return _listed(await client.get("loki", path, {**_nanoseconds(view), **selector}))


def _loki_parts(text: Any) -> tuple[str, str]:
    if isinstance(text, dict):
        wanted = text.get("type", _LABEL_VALUES_OF_LOKI)
        return str(text.get("stream") or ""), "" if wanted == _LABEL_NAMES_OF_LOKI else str(text.get("label") or "")
    if found := _LABEL_VALUES.fullmatch(str(text).strip()):
        return (found[1] or "").strip(), found[2]
    if _LABEL_NAMES.fullmatch(str(text).strip()):
        return "", ""
    raise SourceError("A variable of Loki's asks label_names() or label_values(label).")


async def _tempo(text: Any, view: View, client: Client) -> list[str]:
    label = text.get("label") if isinstance(text, dict) else ""
    if not label:
        raise SourceError("A variable of Tempo's names the label whose values it wants.")
    content = await client.get("tempo", f"/api/v2/search/tag/{quote(view.filled(label), safe='')}/values", {})
    return [str(each.get("value", "")) for each in content.get("tagValues") or []]


def _listed(content: Any) -> list[str]:
    found = content.get("data") if isinstance(content, dict) else None
    return [str(each) for each in found or []]


def _fitting(values: list[str], expression: str) -> list[str]:
    found = pattern(expression) if expression else None
    return [value for value in values if found is None or found.search(value)]


def _sample(result: Any) -> str:
    """As Grafana writes it, for the variable's regular expression to take apart."""
    times = [(time, value) for time, value in samples_of(result)]
    time, value = times[-1] if times else (0, None)
    return f"{full(result['metric'])} {value:g} {time}" if value is not None else full(result["metric"])


_ASKERS: dict[str, Callable[[Any, View, Client], Awaitable[list[str]]]] = {
    "prometheus": _prometheus,
    "loki": _loki,
    "tempo": _tempo,
}
