"""How the values of a variable are written where it is used: `${service:csv}`, or what the query language needs."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlencode


@dataclass(frozen=True)
class Value:
    """What stands in a variable's place.

    `several`: the variable may have more than one value, so that queries compare with it by regular expression.
    `verbatim`: an expression of the board's author, such as `.+` for All, which is not escaped.
    `address`: the values in the address of a page, where they differ (`$__all`).
    """

    values: tuple[str, ...]
    texts: tuple[str, ...] = ()
    name: str = ""
    several: bool = False
    verbatim: bool = False
    address: tuple[str, ...] = ()


Format = Callable[[Value], str]
_JS_SPECIAL = re.compile(r"[-/\\^$*+?.()|\[\]{}]")
_PROMQL_SPECIAL = re.compile(r"[$^*{}\[\]'+?.()|]")
_LUCENE_SPECIAL = re.compile(r'[+\-=&|><!(){}\[\]^"~*?:\\/]')
_MOMENTS = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}


def query(value: Value) -> str:
    """Inside a quoted string of PromQL, LogQL or TraceQL."""
    if not value.several:
        # Grafana leaves double quotes alone, so that a search for one breaks its query.
        return value.values[0].replace("\\", "\\\\").replace('"', '\\"') if value.values else ""
    return _alternatives(value.values, _escaped_in_string)


def glob(value: Value) -> str:
    """Grafana's default outside of queries: `a`, or `{a,b}`."""
    return value.values[0] if len(value.values) == 1 else "{" + ",".join(value.values) + "}" if value.values else ""


def text(value: Value) -> str:
    return " + ".join(value.texts or value.values)


def queryparam(value: Value) -> str:
    return urlencode([(f"var-{value.name}", each) for each in value.address or value.values])


def regex(value: Value) -> str:
    return _alternatives(value.values, lambda each: _JS_SPECIAL.sub(r"\\\g<0>", each))


def _escaped_in_string(each: str) -> str:
    return _PROMQL_SPECIAL.sub(r"\\\\\g<0>", each.replace("\\", "\\\\\\\\")).replace('"', '\\"')


def _alternatives(values: Sequence[str], escape: Callable[[str], str]) -> str:
    escaped = [escape(each) for each in values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def _quoted(mark: str, escaped: str) -> Format:
    return lambda value: ",".join(f"{mark}{each.replace(mark, escaped)}{mark}" for each in value.values)


def _lucene(value: Value) -> str:
    escaped = [_LUCENE_SPECIAL.sub(r"\\\g<0>", each) for each in value.values]
    return escaped[0] if len(escaped) == 1 else "(" + " OR ".join(f'"{each}"' for each in escaped) + ")"


def _json(value: Value) -> str:
    return json.dumps(value.values[0] if len(value.values) == 1 else value.values, ensure_ascii=False)


def _joined(separator: str) -> Format:
    return lambda value: separator.join(value.values)


def _distributed(value: Value) -> str:
    return ",".join(each if at == 0 else f"{value.name}={each}" for at, each in enumerate(value.values))


NAMED: dict[str, Format] = {
    "csv": _joined(","),
    "distributed": _distributed,
    "doublequote": _quoted('"', '\\"'),
    "glob": glob,
    "json": _json,
    "lucene": _lucene,
    "percentencode": lambda value: quote(glob(value), safe=""),
    "pipe": _joined("|"),
    "queryparam": queryparam,
    "raw": _joined(","),
    "regex": regex,
    "singlequote": _quoted("'", "\\'"),
    "sqlstring": _quoted("'", "''"),
    "text": text,
    "uriencode": lambda value: quote(glob(value), safe=";,/?:@&=+$-_.!~*'()#"),
}
"""Formats by their names in `${variable:name}`; `date` and `join` have arguments, see `named`."""
_ESCAPE_NOT = frozenset({"text", "percentencode", "queryparam", "uriencode"})


def named(format_name: str) -> Format | None:
    """The format of that name, or None for one that Grafana does not have either."""
    name, _, argument = format_name.partition(":")
    if name == "date":
        return lambda value: _date(value, argument)
    if name == "join":
        return _joined(argument or ",")
    return NAMED.get(name)


def written(value: Value, format_name: str, default: Format) -> str:
    """The value in the format named, in the default one where none is, or where nobody knows it."""
    if value.verbatim and format_name.partition(":")[0] not in _ESCAPE_NOT | {"date"}:
        return ",".join(value.values)
    return (named(format_name) or default)(value)


def _date(value: Value, argument: str) -> str:
    """Of milliseconds since 1970, in UTC."""
    try:
        time = datetime.fromtimestamp(int(value.values[0]) / 1000, UTC)
    except (ValueError, IndexError, OverflowError):
        return glob(value)
    if argument == "seconds":
        return str(int(time.timestamp()))
    if argument in ("", "iso"):
        return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"
    return re.sub("YYYY|MM|DD|HH|mm|ss", lambda found: time.strftime(_MOMENTS[found[0]]), argument)
