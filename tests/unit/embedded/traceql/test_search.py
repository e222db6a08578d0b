"""Searches of the store: their bounds, and what odd queries and data come to."""

from pathlib import Path

import pytest
from span_store import store_of

from ai_monitoring.embedded.store.reader import QueryTimeoutError, reading
from ai_monitoring.embedded.store.records import Span
from ai_monitoring.embedded.traceql import search as searching
from ai_monitoring.embedded.traceql.errors import TraceQLError
from ai_monitoring.embedded.traceql.parser import parse
from ai_monitoring.embedded.traceql.search import Found, Scan, load, search

FOREVER = 2**63 - 1


def span(number: int, parent: int | None = None, trace: int = 1, **attributes: object) -> Span:
    above = f"{parent:016x}" if parent is not None else ""
    return Span(
        f"{trace:032x}", f"{number:016x}", above, "s", f"n{number}", 1, number, number + 5, 0, "", "", attributes
    )


def found(folder: Path, spans: list[Span], query: str, limit: int = 20, scan: Scan | None = None) -> list[Found]:
    with reading(store_of(folder, spans), 10) as reader:
        return search(reader, parse(query), 0, FOREVER, limit, scan)


def names(traces: list[Found]) -> list[str]:
    return [one.name for trace in traces for given in trace.sets for one in given.spans]


def test_a_search_ends_once_it_has_looked_at_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MAX_SPANS", 10)
    scan = Scan()
    spans = [span(number, trace=number, a="x") for number in range(1, 100)]
    assert found(tmp_path, spans, '{ .a =~ "y.*" }', scan=scan) == []
    assert scan.spans == 10


def test_a_search_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MAX_SECONDS", -1.0)
    with pytest.raises(QueryTimeoutError, match="took longer than"):
        found(tmp_path, [span(1)], "{ }")


def test_a_span_that_has_not_ended_has_a_trace_of_no_length(tmp_path: Path) -> None:
    (one,) = found(tmp_path, [span(9)._replace(end=0)], "{ }")
    assert one.trace.duration == 0


def test_of_a_huge_trace_a_part_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MAX_TRACE_SPANS", 3)
    with reading(store_of(tmp_path, [span(number) for number in range(1, 10)]), 10) as reader:
        trace = load(reader, f"{1:032x}")
    assert trace is not None
    assert [one.name for one in trace.spans] == ["n7", "n8", "n9"]


def test_parents_in_a_circle_end_the_walk(tmp_path: Path) -> None:
    circle = [span(1, parent=3), span(2, parent=1), span(3, parent=2), span(4, parent=4)]
    assert names(found(tmp_path, circle, '{ name = "n1" } >> { }')) == ["n1", "n2", "n3"]


def test_a_deep_and_a_broad_trace_are_walked_in_time(tmp_path: Path) -> None:
    deep = [span(number, parent=number - 1) for number in range(1, 3000)]
    broad = [span(number, parent=1, trace=2) for number in range(2, 3000)]
    assert len(names(found(tmp_path, deep + broad, "{ } << { }"))) == 2998
    (tmp_path / "store.db").unlink()
    assert len(names(found(tmp_path, deep + broad, "{ } ~ { }"))) == 2998


@pytest.mark.parametrize("name", ["a.b", "a b", "a'b", "$[0]", "ü", "a]b", "-", "*", "a;--"])
def test_attributes_of_any_name_are_found(tmp_path: Path, name: str) -> None:
    spans = [span(1, **{name: 7}), span(2, trace=2, other=7)]
    assert names(found(tmp_path, spans, f'{{ span."{name}" = 7 && ."{name}" != nil }}')) == ["n1"]


def test_a_query_of_many_alternatives_is_within_sqlites_bounds(tmp_path: Path) -> None:
    query = "{ " + " || ".join(f".a = {number}" for number in range(1200)) + " }"
    assert names(found(tmp_path, [span(1, a=1100)], query)) == ["n1"]


@pytest.mark.parametrize(
    "condition", [".a / 0 = 1", ".a % 0 = 1", ".a ^ 9999 > 1", ".a ^ .b = 1", "-.b = 1", ".b + 1 = 2"]
)
def test_what_cannot_be_worked_out_is_not_found(tmp_path: Path, condition: str) -> None:
    assert found(tmp_path, [span(1, a=-5, b="text")], f"{{ {condition} }}") == []


def test_structure_between_groups_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TraceQLError, match="between single spansets"):
        found(tmp_path, [span(1), span(2)], "({ } | by(name)) > { }")


def test_groups_have_their_values(tmp_path: Path) -> None:
    (trace,) = found(tmp_path, [span(1, a=1), span(2, a=2), span(3, a=1)], "{ } | by(span.a) | count() > 1")
    (group,) = trace.sets
    assert group.attributes == {"by(span.a)": 1, "count()": 2}
