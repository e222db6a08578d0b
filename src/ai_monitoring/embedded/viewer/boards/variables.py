"""A board's variables: their options, and what is chosen, by the page's address or by the board."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ai_monitoring.embedded.viewer.boards import intervals, options, variable_queries
from ai_monitoring.embedded.viewer.boards.formats import Value, regex
from ai_monitoring.embedded.viewer.boards.frames import MALFORMED
from ai_monitoring.embedded.viewer.boards.interpolation import names
from ai_monitoring.embedded.viewer.boards.options import ALL, Option
from ai_monitoring.embedded.viewer.boards.view import View
from ai_monitoring.embedded.viewer.sources import KINDS, Client, SourceError

Definition = dict[str, Any]
Given = Mapping[str, Sequence[str]]
AUTO_COUNT = 30
_TEXTS = ("textbox", "constant")


@dataclass(frozen=True)
class Variable:
    """One with its options and its value; `error` says why options are missing."""

    definition: Definition
    value: Value
    options: Sequence[Option]
    error: str = ""

    def answer(self) -> dict[str, Any]:
        """As the browser gets it."""
        found = self.definition
        return {
            "name": self.value.name,
            "label": found.get("label") or self.value.name,
            "description": found.get("description") or "",
            "kind": "text" if found.get("type") in _TEXTS else "choice",
            "multi": bool(found.get("multi")),
            "all": bool(found.get("includeAll")),
            "hidden": found.get("hide") == 2 or found.get("type") == "constant",
            "values": list(self.value.address or self.value.values),
            "options": [option._asdict() for option in self.options],
            "error": self.error,
        }


async def resolved(
    definitions: Sequence[Definition], given: Given, view: View, client: Client, *, every_option: bool
) -> list[Variable]:
    """All, in the board's order. Without `every_option`, options are asked for only where the value depends on them."""
    waiting = {str(each["name"]): each for each in definitions if each.get("name")}
    found: dict[str, Variable] = {}
    while waiting:
        ready = [name for name, each in waiting.items() if not _uses(each) & (waiting.keys() - {name})]
        ready = ready or list(waiting)[:1]  # those that wait for each other
        known = replace(view, chosen={**view.chosen, **{name: each.value for name, each in found.items()}})
        tasks = (_resolved(name, waiting[name], given, known, client, every_option) for name in ready)
        for name, variable in zip(ready, await asyncio.gather(*tasks), strict=True):
            found[name] = variable
            del waiting[name]
    return [found[str(each["name"])] for each in definitions if each.get("name")]


def _uses(definition: Definition) -> set[str]:
    """The names that the definition's texts speak of."""
    asked = (definition.get(key) for key in ("query", "regex", "datasource", "allValue"))
    return names(json.dumps([each for each in asked if each]))


async def _resolved(
    name: str, definition: Definition, given: Given, view: View, client: Client, every_option: bool
) -> Variable:
    wanted = [value for value in given.get(name, ()) if value or definition.get("type") in _TEXTS]
    wanted = wanted or _current(definition)
    found: list[Option] = []
    error = ""
    if every_option or _depends(definition, wanted):
        try:
            found = await _options(definition, view, client)
        except (SourceError, *MALFORMED) as problem:
            error = str(problem)
    if len(found) > options.MOST:
        error = f"{len(found) - options.MOST} more values are left out: only {options.MOST} are listed."
        found = found[: options.MOST]
    if name not in given and found and not _offered(definition, wanted, found):
        wanted = [ALL] if definition.get("includeAll") else [found[0].value]
    shown = [Option("All", ALL), *found] if definition.get("includeAll") else found
    return Variable(definition, _value(name, definition, wanted, found, view), shown, error)


def _current(definition: Definition) -> list[str]:
    if definition.get("type") in _TEXTS:
        return [str((definition.get("current") or {}).get("value") or definition.get("query") or "")]
    value = (definition.get("current") or {}).get("value")
    values = value if isinstance(value, list) else [value]
    return [str(each) for each in values if each not in (None, "")]


def _depends(definition: Definition, wanted: Sequence[str]) -> bool:
    return not wanted or (ALL in wanted and not definition.get("allValue"))


def _offered(definition: Definition, wanted: Sequence[str], found: Sequence[Option]) -> bool:
    known = {option.value for option in found} | ({ALL} if definition.get("includeAll") else set())
    return definition.get("type") in _TEXTS or (bool(wanted) and known.issuperset(wanted))


def _value(name: str, definition: Definition, wanted: Sequence[str], found: Sequence[Option], view: View) -> Value:
    several = bool(definition.get("multi") or definition.get("includeAll"))
    if ALL in wanted:
        own = str(definition.get("allValue") or "")
        values = (view.filled(own),) if own else tuple(option.value for option in found)
        return Value(values, ("All",), name, several=True, verbatim=bool(own), address=(ALL,))
    if definition.get("type") == "interval":
        return _interval(name, definition, wanted, view)
    kept = tuple(dict.fromkeys(wanted)) if definition.get("multi") else tuple(wanted[:1])
    texts = {option.value: option.text for option in found}
    return Value(kept or ("",), tuple(texts.get(each, each) for each in kept), name, several=several)


def _interval(name: str, definition: Definition, wanted: Sequence[str], view: View) -> Value:
    """`auto` is a share of the time range."""
    chosen = wanted[0] if wanted else ""
    if not chosen.startswith("$__auto"):
        return Value((chosen,), (chosen,), name)
    least = intervals.milliseconds(str(definition.get("auto_min") or "10s"))
    step = intervals.interval(view.range.length, int(definition.get("auto_count") or AUTO_COUNT), least)
    return Value((intervals.duration(step),), ("auto",), name, address=(chosen,))


async def _options(definition: Definition, view: View, client: Client) -> list[Option]:
    kind = str(definition.get("type"))
    if kind not in _KINDS:
        raise SourceError(f"Variables of the type {kind!r} are not known here.")
    return await _KINDS[kind](definition, view, client)


async def _custom(definition: Definition, view: View, client: Client) -> list[Option]:
    return options.custom(view.filled(str(definition.get("query") or "")))


async def _durations(definition: Definition, view: View, client: Client) -> list[Option]:
    found = [Option(each, each) for each in options.durations(str(definition.get("query") or ""))]
    return [Option("auto", f"$__auto_interval_{definition['name']}"), *found] if definition.get("auto") else found


async def _nothing(definition: Definition, view: View, client: Client) -> list[Option]:
    return []


async def _sources(definition: Definition, view: View, client: Client) -> list[Option]:
    wanted = str(definition.get("query") or "")
    return options.chosen((kind for kind in KINDS if kind == wanted), str(definition.get("regex") or ""))


async def _query(definition: Definition, view: View, client: Client) -> list[Option]:
    values = await variable_queries.ask(definition, view, client)
    found = options.chosen(values, view.filled(str(definition.get("regex") or ""), regex))
    return options.ordered(found, int(definition.get("sort") or 0))


_KINDS: dict[str, Callable[[Definition, View, Client], Awaitable[list[Option]]]] = {
    "constant": _nothing,
    "custom": _custom,
    "datasource": _sources,
    "interval": _durations,
    "query": _query,
    "textbox": _nothing,
}
