"""What a request asks for, read as strictly as Tempo reads it."""

import re
import shlex
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from ai_monitoring.embedded.traceql.literals import duration
from ai_monitoring.embedded.traceql.parser import parse
from ai_monitoring.embedded.traceql.syntax import Query

DEFAULT_LIMIT = 20
MAX_LIMIT = 1000
DEFAULT_SPANS = 3
MAX_SPANS = 1000
_DURATION = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:ns|us|µs|ms|s|m|h))+")
_RESERVED = {"q", "tags", "minDuration", "maxDuration", "limit", "spss", "start", "end"}
_SECOND = 10**9
_EVER = 2**63 - 1


class RequestError(ValueError):
    """A request that cannot be answered; the message says why."""


@dataclass(frozen=True)
class Search:
    """`begin` and `end` in nanoseconds since 1970; `plain` answers have no spans."""

    query: Query
    begin: int
    end: int
    limit: int
    spans: int
    plain: bool


def search_of(parameters: QueryParams) -> Search:
    """Raises RequestError, and TraceQLError for what is wrong with the query itself."""
    begin, end = time_range(parameters)
    if "q" in parameters and "tags" in parameters:
        raise RequestError("invalid request: can't specify tags and q in the same query")
    limit = _number(parameters, "limit", DEFAULT_LIMIT, MAX_LIMIT)
    if limit == 0:
        raise RequestError("invalid limit: must be a positive number")
    spans = _number(parameters, "spss", DEFAULT_SPANS, MAX_SPANS) or DEFAULT_SPANS
    query = parse(parameters["q"] if parameters.get("q") else _by_tags(parameters))
    return Search(query, begin, end, limit, spans, plain=not parameters.get("q"))


def time_range(parameters: QueryParams) -> tuple[int, int]:
    """`start` and `end`, whole seconds since 1970, in nanoseconds; without either, always."""
    begin, end = _number(parameters, "start", 0, 2**32 - 1), _number(parameters, "end", 0, 2**32 - 1)
    if begin == end == 0:
        return 0, _EVER
    if end <= begin:
        raise RequestError(f"http parameter start must be before end. received start={begin} end={end}")
    return begin * _SECOND, end * _SECOND


def _number(parameters: QueryParams, name: str, default: int, largest: int) -> int:
    text = parameters.get(name)
    if not text:
        return default
    if not re.fullmatch("[0-9]{1,10}", text):
        raise RequestError(f"invalid {name}: {text[:40]!r} is not a whole number")
    if int(text) > largest:
        raise RequestError(f"invalid {name}: {text} exceeds the limit of {largest}")
    return int(text)


def _by_tags(parameters: QueryParams) -> str:
    """The search of before TraceQL, as TraceQL: spans with each of the tags, in a trace that lasts so long."""
    tags = _tags(parameters.get("tags", ""))
    if not parameters.get("tags") and "start" not in parameters and "end" not in parameters:
        tags = [(key, value) for key, value in parameters.items() if key not in _RESERVED and value]
    conditions = [_tag(key, value) for key, value in tags]
    for name, sign in (("minDuration", ">="), ("maxDuration", "<=")):
        if text := parameters.get(name):
            conditions.append(f"{{ traceDuration {sign} {_duration(name, text)}ns }}")
    return " && ".join(conditions) or "{ }"


def _tags(text: str) -> list[tuple[str, str]]:
    """Pairs in logfmt."""
    try:
        pairs = [part.partition("=") for part in shlex.split(text)]
    except ValueError as error:
        raise RequestError(f"invalid tags: {error}") from None
    names = [key for key, _, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise RequestError(f"invalid tags: tag {name} has been set twice")
    return [(key, value) for key, _, value in pairs]


def _tag(key: str, value: str) -> str:
    quoted = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    known = {"name": "name", "root.name": "rootName", "root.service.name": "rootServiceName"}
    if key == "status.code" and value in {"ok", "error", "unset"}:
        return f"{{ status = {value} }}"
    name = known.get(key) or '."' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f'{{ {name} = "{quoted}" }}'


def _duration(name: str, text: str) -> int:
    if not _DURATION.fullmatch(text):
        raise RequestError(f"invalid {name}: {text[:40]!r} is not a duration such as 250ms or 1.5s")
    return duration(text)
