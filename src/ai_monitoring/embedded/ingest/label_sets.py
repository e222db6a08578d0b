"""Labels of a stream as Loki writes them: `{app="shop", level="error"}`."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache

from ai_monitoring.embedded.ingest.refusals import Refused
from ai_monitoring.embedded.store.records import Labels

_USUAL_LENGTH = 1000
_LONGEST = 2**16
"""More than all labels that a stream may have."""
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
_PAIR = re.compile(
    r"""\s*+(?P<name>[a-zA-Z_][a-zA-Z0-9_]*+)\s*+=\s*+
    (?:"(?P<double>(?:[^"\\\n]|\\.)*+)"|'(?P<single>(?:[^'\\\n]|\\.)*+)'|`(?P<raw>[^`]*+)`)\s*+(?P<end>,|\Z)""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)", re.DOTALL)
_LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", **{c: c for c in "\\\"'"}}
# Loki's discover_service_name.
_SERVICE_NAMES = (
    *("service", "app", "application", "app_name", "name", "app_kubernetes_io_name", "container", "container_name"),
    *("k8s_container_name", "component", "workload", "job", "k8s_job_name"),
)


def parse(text: str) -> Labels:
    """The labels, those without a value left out. Raises Refused."""
    # Only texts of a usual length are remembered: the others could fill the memory.
    return _remembered(text) if len(text) <= _USUAL_LENGTH else _parsed(text)


def _parsed(text: str) -> Labels:
    if len(text) > _LONGEST:
        raise _unreadable(text, f"more than {_LONGEST} characters")
    inside = text.strip()
    if inside[:1] != "{" or inside[-1:] != "}":
        raise _unreadable(text, "braces are missing")
    inside, position = inside[1:-1].rstrip(), 0
    found: dict[str, str] = {}
    while position < len(inside):
        pair = _PAIR.match(inside, position)
        if not pair:
            raise _unreadable(text, f'name="value" expected at {inside[position : position + 20]!r}')
        if pair["name"] in found:
            raise _unreadable(text, f"duplicate label name: {pair['name']!r}")
        found[pair["name"]] = pair["raw"] if pair["raw"] is not None else _unquoted(pair["double"] or pair["single"])
        position = pair.end()
    return named(found)


def named(labels: Mapping[str, str]) -> Labels:
    """The labels of a mapping, sorted. Raises Refused for a name that Loki does not take."""
    for name in labels:
        if not _NAME.match(name):
            raise _unreadable(write(tuple(labels.items())), f"{name[:100]!r} is no label name: use a-z, A-Z, 0-9 and _")
    return tuple(sorted((name, value) for name, value in labels.items() if value))


def write(labels: Labels) -> str:
    return "{" + ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in labels) + "}"


def with_service(labels: Labels) -> Labels:
    """The labels with a `service_name`, found as Loki finds it."""
    found = dict(labels)
    if "service_name" in found:
        return labels
    names = (found[name] for name in _SERVICE_NAMES if name in found)
    return tuple(sorted([*labels, ("service_name", next(names, "unknown_service"))]))


def _unquoted(text: str | None) -> str:
    return _ESCAPE.sub(_unescaped, text) if text and "\\" in text else text or ""


def _unescaped(escape: re.Match[str]) -> str:
    kind = escape[1]
    if len(kind) == 1:
        if kind in _LETTERS:
            return _LETTERS[kind]
        raise Refused(400, f"couldn't parse labels: unknown escape {escape[0]!r}")
    code = int(kind, 8) if kind[0] not in "xuU" else int(kind[1:], 16)
    return chr(code) if code < 0xD800 or 0xDFFF < code < 0x110000 else "\ufffd"


def _unreadable(text: str, why: str) -> Refused:
    return Refused(400, f"couldn't parse labels: {text[:200]}: {why}")


_remembered = lru_cache(4096)(_parsed)
