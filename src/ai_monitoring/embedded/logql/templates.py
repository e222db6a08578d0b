"""The part of Go's templates that queries use: `{{.label | ToUpper}}`, functions of text, `__line__`, `__timestamp__`.

Conditions, loops and variables are refused by name.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ai_monitoring.embedded.logql.bounds import check_text
from ai_monitoring.embedded.logql.template_functions import FUNCTIONS, printed

_ACTION = re.compile(r"\{\{(-\s)?(.*?)(\s-)?\}\}", re.DOTALL)
_TOKEN = re.compile(
    r"""\s*(?:(?P<field>(?:\.[A-Za-z_]\w*)+)|(?P<text>"(?:[^"\\]|\\.)*"|`[^`]*`)"""
    r"""|(?P<number>[-+]?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<other>\S))""",
    re.ASCII,
)
_KEYWORDS = frozenset({"if", "else", "end", "range", "with", "define", "template", "block", "break", "continue"})


@dataclass(frozen=True)
class Context:
    """What a template sees. `time` in nanoseconds since 1970."""

    labels: Mapping[str, str]
    line: str
    time: int


Value = Callable[[Context], Any]


class Template:
    """Raises ValueError for a template that is none, or that uses more than is supported."""

    def __init__(self, text: str) -> None:
        self.fields: list[str] = []
        self._parts = list(self._parsed(text))

    def render(self, context: Context) -> str:
        """Raises ValueError where a function cannot be applied, or the text gets too long."""
        texts, size = [], 0
        try:
            for part in self._parts:
                texts.append(part if isinstance(part, str) else printed(part(context)))
                size += len(texts[-1])
                check_text(size)
            return "".join(texts)
        except (TypeError, AttributeError) as error:
            raise ValueError(f"a function of the template got what it cannot use: {error}") from error

    def _parsed(self, text: str) -> Iterator[str | Value]:
        position, trim = 0, False
        for action in _ACTION.finditer(text):
            before = text[position : action.start()]
            before = before.lstrip() if trim else before
            yield before.rstrip() if action[1] else before
            if not action[2].lstrip().startswith("/*"):
                yield self._pipeline(action[2])
            position, trim = action.end(), bool(action[3])
        rest = text[position:]
        if "{{" in rest:
            raise ValueError("unclosed action")
        yield rest.lstrip() if trim else rest

    def _pipeline(self, text: str) -> Value:
        value: Value | None = None
        for words in _commands(text):
            value = self._command(words, value)
        if value is None:
            raise ValueError("missing value for command")
        return value

    def _command(self, words: list[re.Match[str]], piped: Value | None) -> Value:
        if not words:
            raise ValueError("missing value for command")
        name = words[0]["name"]
        if name is None or name.startswith("__"):
            if len(words) > 1 or piped:
                raise ValueError(f"can't give argument to non-function {words[0][0].strip()}")
            return self._operand(words[0])
        arguments = [self._operand(word) for word in words[1:]] + ([piped] if piped else [])
        return _call(name, arguments)

    def _operand(self, word: re.Match[str]) -> Value:
        kind, text = str(word.lastgroup), word[str(word.lastgroup)]
        match kind, text:
            case "field", _:
                return self._field(text)
            case "text", _:
                literal = text[1:-1] if text[0] == "`" else json.loads(text)
                return lambda _: literal
            case "number", _:
                number = float(text) if "." in text else int(text)
                return lambda _: number
            case "name", "__line__":
                return lambda context: context.line
            case "name", "__timestamp__":
                return lambda context: _go_time(context.time)
        raise _unsupported(text)

    def _field(self, text: str) -> Value:
        name = text[1:]
        if "." in name:
            raise ValueError(f"{text}: a label has no fields")
        self.fields.append(name)
        return lambda context: context.labels.get(name, "")


def _commands(text: str) -> Iterable[list[re.Match[str]]]:
    commands: list[list[re.Match[str]]] = [[]]
    for word in _TOKEN.finditer(text.rstrip()):
        if word["other"] == "|":
            commands.append([])
        elif word["other"]:
            raise _unsupported(word["other"])
        else:
            commands[-1].append(word)
    return commands


def _call(name: str, arguments: list[Value]) -> Value:
    if name not in FUNCTIONS:
        raise _unsupported(name)
    count, function = FUNCTIONS[name]
    if len(arguments) != count:
        raise ValueError(f"wrong number of args for {name}: want {count} got {len(arguments)}")
    return lambda context: function(*(argument(context) for argument in arguments))


def _unsupported(word: str) -> ValueError:
    if word in _KEYWORDS:
        return ValueError(f"{word!r} in a template is not supported here: only values and functions of text are")
    if word.isidentifier():
        return ValueError(f"function {word!r} is not supported here: there are {', '.join(sorted(FUNCTIONS))}")
    return ValueError(f"unexpected {word!r} in a template: only values, functions of text and | are supported here")


def _go_time(nanoseconds: int) -> str:
    moment = datetime.fromtimestamp(nanoseconds // 1_000_000_000, UTC)
    fraction = f".{nanoseconds % 1_000_000_000:09d}".rstrip("0").rstrip(".")
    return f"{moment:%Y-%m-%d %H:%M:%S}{fraction} +0000 UTC"
