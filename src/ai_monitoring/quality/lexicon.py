"""The rule files of this package: rules/*.toml, data that a reader can check without reading code."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

_GAP = re.compile(r" <(\d)> ")
_KEY: Final = 3


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern over Text.plain and the kind of what it finds."""

    kind: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of one file, and what in the same sentence says that a match is not meant.

    `needs`: beginnings of words, by their first three letters; a rule is tried where a text holds one of its own, which
    keeps ordinary texts at a few microseconds.
    """

    rules: tuple[Rule, ...]
    needs: Mapping[str, tuple[tuple[str, frozenset[int]], ...]]
    unless: re.Pattern[str] | None

    def findings(self, plain: str, *, quotes_count: bool = True) -> dict[str, int]:
        """How often each kind is found in a text as Text.plain gives it."""
        return dict(Counter(self._kinds(plain, quotes_count)))

    def _kinds(self, plain: str, quotes_count: bool) -> Iterator[str]:
        """What several rules of a kind find at one place counts once."""
        taken: dict[str, set[int]] = {}
        for number in sorted(self._tried(plain)):
            rule = self.rules[number]
            places = taken.setdefault(rule.kind, set())
            for match in rule.pattern.finditer(plain):
                span = range(*match.span())
                if places.isdisjoint(span) and self._meant(plain, match, quotes_count):
                    places.update(span)
                    yield rule.kind

    def _tried(self, plain: str) -> set[int]:
        tried: set[int] = set()
        for key in self.needs.keys() & {word[:_KEY] for word in plain.split(" ")}:
            for needed, rules in self.needs[key]:
                if not rules <= tried and needed in plain:
                    tried |= rules
        return tried

    def _meant(self, plain: str, match: re.Match[str], quotes_count: bool) -> bool:
        start = plain.rfind(" . ", 0, match.start() + 1) + 1
        end = plain.find(" . ", match.end() - 1)
        sentence = plain[start : end + 1 if end >= 0 else len(plain)]
        if self.unless is not None and self.unless.search(sentence):
            return False
        return quotes_count or plain.count('"', start, match.start()) % 2 == 0


@cache
def rule_set(name: str) -> RuleSet:
    """rules/NAME.toml as patterns. In a pattern, ` <3> ` is a gap of at most three words of the same sentence."""
    content = toml(name)
    rules: list[Rule] = []
    needs: dict[str, dict[str, set[int]]] = {}
    for kind, entries in content["rules"].items():
        for entry in entries:
            numbers = range(len(rules), len(rules) + len(entry["patterns"]))
            rules += [Rule(kind, _compiled(_named(text, content.get("names", {})))) for text in entry["patterns"]]
            for needed in entry["needs"]:
                needs.setdefault(needed.split()[0][:_KEY], {}).setdefault(f" {needed}", set()).update(numbers)
    unless = content.get("unless", ())
    return RuleSet(tuple(rules), _frozen(needs), _compiled("|".join(unless)) if unless else None)


@cache
def toml(name: str) -> Mapping[str, Any]:
    """The content of rules/NAME.toml."""
    return tomllib.loads((files("ai_monitoring.quality") / "rules" / f"{name}.toml").read_text("utf-8"))


@cache
def function_words() -> frozenset[str]:
    """English and French words that carry no meaning of their own, without accents."""
    words = toml("language")["words"]
    return frozenset(f"{words['en']} {words['fr']} {toml('language')['more']}".split())


def _frozen(needs: Mapping[str, Mapping[str, set[int]]]) -> dict[str, tuple[tuple[str, frozenset[int]], ...]]:
    return {key: tuple((word, frozenset(rules)) for word, rules in by.items()) for key, by in needs.items()}


def _named(pattern: str, names: Mapping[str, str]) -> str:
    for name, words in names.items():
        pattern = pattern.replace(f"{{{name}}}", words)
    return pattern


def _compiled(pattern: str) -> re.Pattern[str]:
    """Between blanks; a gap's words are bounded in number and by blanks, so that matching stays linear."""
    return re.compile("(?<= )(?:" + _GAP.sub(r"(?: [^ .]+){0,\1} ", pattern) + ")(?= )")
