"""The rule files of this package: rules/*.toml, data that a reader can check without reading code."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_GAP = re.compile(r" <(\d)> ")


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern over Text.plain and the kind of what it finds. `needs`: letters of which one must stand in a text for the
    pattern to be tried; that keeps most texts at a few microseconds.
    """

    kind: str
    needs: tuple[str, ...]
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of one file, and what in the same sentence says that a match is mentioned, denied or quoted, not meant."""

    rules: tuple[Rule, ...]
    unless: re.Pattern[str] | None

    def findings(self, plain: str, *, quotes_count: bool = True) -> dict[str, int]:
        """How often each kind is found in a text as Text.plain gives it."""
        found: dict[str, int] = {}
        for kind in self._kinds(plain, quotes_count):
            found[kind] = found.get(kind, 0) + 1
        return found

    def _kinds(self, plain: str, quotes_count: bool) -> Iterator[str]:
        for rule in self.rules:
            if not any(letters in plain for letters in rule.needs):
                continue
            for match in rule.pattern.finditer(plain):
                if self._meant(plain, match, quotes_count):
                    yield rule.kind

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
    rules = tuple(
        Rule(kind, tuple(entry["needs"]), _compiled(_named(pattern, content.get("names", {}))))
        for kind, entries in content["rules"].items()
        for entry in entries
        for pattern in entry["patterns"]
    )
    unless = content.get("unless", ())
    return RuleSet(rules, _compiled("|".join(unless)) if unless else None)


@cache
def toml(name: str) -> Mapping[str, Any]:
    """The content of rules/NAME.toml."""
    return tomllib.loads((files("ai_monitoring.quality") / "rules" / f"{name}.toml").read_text("utf-8"))


@cache
def function_words() -> frozenset[str]:
    """English and French words that carry no meaning of their own, without accents."""
    words = toml("language")["words"]
    return frozenset(f"{words['en']} {words['fr']} {toml('language')['more']}".split())


def _named(pattern: str, names: Mapping[str, str]) -> str:
    for name, words in names.items():
        pattern = pattern.replace(f"{{{name}}}", words)
    return pattern


def _compiled(pattern: str) -> re.Pattern[str]:
    """Between blanks; a gap's words are bounded in number and by blanks, so that matching stays linear."""
    return re.compile("(?<= )(?:" + _GAP.sub(r"(?: [^ .]+){0,\1} ", pattern) + ")(?= )")
