"""The rule files of this package: rules/*.toml, data that a reader can check without reading code."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Final

_GAP = re.compile(r" <(\d)> ")
_KEY: Final = 3


@dataclass(frozen=True)
class Rule:
    """A pattern over Text.plain, the kind of what it finds, and what in the same sentence says that it is not meant.

    Most texts need few rules: each is compiled when it is first tried, which spares a process some 300 ms.
    """

    kind: str
    text: str
    excuse: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What is found."""
        return _compiled(self.text)

    @property
    def unless(self) -> re.Pattern[str] | None:
        """What excuses it, if anything does."""
        return _compiled(self.excuse) if self.excuse else None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of one file.

    `needs`: beginnings of words, by their first three letters; a rule is tried where a text holds one of its own, which
    keeps ordinary texts at a few microseconds.
    """

    rules: tuple[Rule, ...]
    needs: Mapping[str, tuple[tuple[str, frozenset[int]], ...]]

    def findings(self, plain: str, *, quotes_count: bool = True) -> dict[str, int]:
        """How often each kind is found in a text as Text.plain gives it."""
        return dict(Counter(self._kinds(plain, quotes_count)))

    def _kinds(self, plain: str, quotes_count: bool) -> Iterator[str]:
        """What several rules of a kind find at one place counts once."""
        taken: dict[str, set[int]] = {}
        sentences = _Sentences(plain, quotes_count)
        for number in sorted(self._tried(plain)):
            rule = self.rules[number]
            places = taken.setdefault(rule.kind, set())
            for match in rule.pattern.finditer(plain):
                span = range(*match.span())
                if places.isdisjoint(span) and sentences.mean(match, rule.unless):
                    places.update(span)
                    yield rule.kind

    def _tried(self, plain: str) -> set[int]:
        tried: set[int] = set()
        for key in self.needs.keys() & {word[:_KEY] for word in plain.split(" ")}:
            for needed, rules in self.needs[key]:
                if not rules <= tried and needed in plain:
                    tried |= rules
        return tried


class _Sentences:
    """Whether a text means what was found in it. Each sentence is searched once: it may hold thousands of matches."""

    def __init__(self, plain: str, quotes_count: bool) -> None:
        self._plain = plain
        self._quotes_count = quotes_count
        self._excused: dict[tuple[int, int], bool] = {}

    def mean(self, match: re.Match[str], unless: re.Pattern[str] | None) -> bool:
        """False where the sentence says otherwise, or the match stands in quotation marks that do not count."""
        start = self._plain.rfind(" . ", 0, match.start() + 1) + 1
        if unless is not None and self._excuses(unless, start, match.end()):
            return False
        return self._quotes_count or self._plain.count('"', start, match.start()) % 2 == 0

    def _excuses(self, unless: re.Pattern[str], start: int, after: int) -> bool:
        key = (id(unless), start)
        if key not in self._excused:
            end = self._plain.find(" . ", after - 1)
            sentence = self._plain[start : end + 1 if end >= 0 else len(self._plain)]
            self._excused[key] = unless.search(sentence) is not None
        return self._excused[key]


@cache
def rule_set(name: str) -> RuleSet:
    """rules/NAME.toml as patterns. In a pattern, ` <3> ` is a gap of at most three words of the same sentence, and
    `{name}` one of a list under [names] or in groups.toml. `words` are found alone, with or without an s. An entry's
    own `unless` stands instead of the file's.
    """
    content = toml(name)
    rules: list[Rule] = []
    needs: dict[str, dict[str, set[int]]] = {}
    for kind, entry, lists in _entries(content):
        words = entry.get("words", "").split()
        patterns = [*entry.get("patterns", ()), *([f"(?:{'|'.join(words)})s?"] if words else ())]
        names = {**content.get("names", {}), **{name: f"(?:{'|'.join(one_of)})" for name, one_of in lists.items()}}
        excuse = "|".join(_named(text, names) for text in entry.get("unless", content.get("unless", ())))
        numbers = range(len(rules), len(rules) + len(patterns))
        rules += [Rule(kind, _named(text, names), excuse) for text in patterns]
        for needed in (*words, *_beginnings(entry.get("needs", ()), lists)):
            needs.setdefault(needed.split()[0][:_KEY], {}).setdefault(f" {needed}", set()).update(numbers)
    return RuleSet(tuple(rules), _frozen(needs))


@cache
def toml(name: str) -> Mapping[str, Any]:
    """The content of rules/NAME.toml."""
    return tomllib.loads((files("ai_monitoring.quality") / "rules" / f"{name}.toml").read_text("utf-8"))


@cache
def function_words() -> frozenset[str]:
    """English and French words that carry no meaning of their own, without accents."""
    words = toml("language")["words"]
    return frozenset(f"{words['en']} {words['fr']} {toml('language')['more']}".split())


def _entries(content: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, list[str]]]]:
    """Each entry, its kind and the lists that its patterns may name; those of [[each_group]] once for each group."""
    lists = _groups()
    for kind, entries in content["rules"].items():
        for entry in entries:
            yield kind, entry, lists
    for entry in content.get("each_group", ()):
        for kind, group in toml("groups")["groups"].items():
            language = entry["language"]
            yield kind, entry, lists | {"group": group[language], "adjectives": group[f"{language}_adjectives"]}


@cache
def _groups() -> dict[str, list[str]]:
    """The lists of groups.toml: `roles_en`, `origin_en`, and `group_en` for those of all groups."""
    lists = {f"roles_{language}": names for language, names in toml("groups")["roles"].items()}
    for kind, group in toml("groups")["groups"].items():
        for language, names in group.items():
            lists[f"{kind}_{language}"] = names
            lists.setdefault(f"group_{language}", []).extend(names)
    return lists


def _beginnings(needs: Iterable[str], lists: Mapping[str, list[str]]) -> Iterator[str]:
    """What stands in `needs`; of a list each name, whole."""
    for needed in needs:
        yield from (f"{name} " for name in lists[needed[1:-1]]) if needed.startswith("{") else (needed,)


def _frozen(needs: Mapping[str, Mapping[str, set[int]]]) -> dict[str, tuple[tuple[str, frozenset[int]], ...]]:
    return {key: tuple((word, frozenset(rules)) for word, rules in by.items()) for key, by in needs.items()}


def _named(pattern: str, names: Mapping[str, str]) -> str:
    for name, words in names.items():
        pattern = pattern.replace(f"{{{name}}}", words)
    return pattern


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Between blanks; a gap's words are bounded in number and by blanks, so that matching stays linear."""
    return re.compile(" (?:" + _GAP.sub(r"(?: [^ .]+){0,\1} ", pattern) + ")(?= )")
