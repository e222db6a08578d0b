"""What there is to ask about: labels, their values, series, and how much each stream holds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from ai_monitoring.embedded.logql.errors import LogQLError
from ai_monitoring.embedded.logql.expressions import LogQuery
from ai_monitoring.embedded.logql.matching import Matcher
from ai_monitoring.embedded.logql.parser import parse
from ai_monitoring.embedded.logql.pipeline import selected
from ai_monitoring.embedded.store.reader import Reader
from ai_monitoring.embedded.store.records import Labels

_MEASURES = ("count(*)", "sum(length(CAST(text AS BLOB)))")
_EVERYTHING = ("", "{}")


def matchers(selector: str) -> tuple[Matcher, ...]:
    """The matchers of a stream selector; none for an empty one. Raises LogQLError for anything else."""
    if selector.strip() in _EVERYTHING:
        return ()
    query = parse(selector)
    if not isinstance(query, LogQuery) or query.stages:
        raise LogQLError(f'only label matchers are supported here, such as {{service_name="django"}}, not {selector}')
    return query.matchers


def present(reader: Reader, wanted: Sequence[Matcher], begin: int, end: int) -> dict[int, dict[str, str]]:
    """The streams with lines in [begin, end)."""
    streams = selected(reader, wanted)
    return {number: labels for number, labels in streams.items() if reader.has_lines(number, begin, end)}


def values_by_name(streams: Iterable[Mapping[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for labels in streams:
        for name, value in labels.items():
            found[name].add(value)
    return found


def size(reader: Reader, number: int, begin: int, end: int) -> tuple[int, int]:
    """How many lines and bytes a stream has in [begin, end)."""
    for lines, octets in reader.grouped(number, begin - 1, end - 1, _MEASURES, ()):
        return lines, octets
    return 0, 0


def volumes(
    reader: Reader, wanted: Sequence[Matcher], begin: int, end: int, targets: Sequence[str], by: str
) -> dict[Labels, int]:
    """Bytes for each combination of the `targets`, or of the matchers' labels; `by` "labels": for each label."""
    names = list(targets) or [matcher.name for matcher in wanted]
    found: dict[Labels, int] = defaultdict(int)
    for number, labels in present(reader, wanted, begin, end).items():
        kept = {name: value for name, value in labels.items() if not names or name in names}
        _, octets = size(reader, number, begin, end)
        if by == "labels":
            for name in kept:
                found[((name, ""),)] += octets
        elif kept:
            found[tuple(sorted(kept.items()))] += octets
    return found
