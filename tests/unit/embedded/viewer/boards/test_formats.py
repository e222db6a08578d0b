"""Variables written out, each format as Grafana's documentation shows it."""

import pytest

from ai_monitoring.embedded.viewer.boards.formats import Value, glob, query, written
from ai_monitoring.embedded.viewer.boards.interpolation import among, first_of, interpolated, names

TWO = Value(("test.1", "test2"), ("One", "Two"), "servers", several=True)
ALL = Value((".+",), ("All",), "service", several=True, verbatim=True, address=("$__all",))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("csv", "test.1,test2"),
        ("distributed", "test.1,servers=test2"),
        ("doublequote", '"test.1","test2"'),
        ("glob", "{test.1,test2}"),
        ("json", '["test.1", "test2"]'),
        ("join:;", "test.1;test2"),
        ("lucene", '("test.1" OR "test2")'),
        ("percentencode", "%7Btest.1%2Ctest2%7D"),
        ("pipe", "test.1|test2"),
        ("queryparam", "var-servers=test.1&var-servers=test2"),
        ("raw", "test.1,test2"),
        ("regex", r"(test\.1|test2)"),
        ("singlequote", "'test.1','test2'"),
        ("sqlstring", "'test.1','test2'"),
        ("text", "One + Two"),
        ("nonsense", "{test.1,test2}"),
    ],
)
def test_writes_several_values(name: str, text: str) -> None:
    assert written(TWO, name, glob) == text


def test_quotes_are_escaped() -> None:
    value = Value(('it\'s "it"',))
    assert written(value, "singlequote", glob) == "'it\\'s \"it\"'"
    assert written(value, "doublequote", glob) == '"it\'s \\"it\\""'
    assert written(value, "sqlstring", glob) == "'it''s \"it\"'"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("date", "2020-07-13T20:19:09.254Z"),
        ("date:seconds", "1594671549"),
        ("date:YYYY-MM", "2020-07"),
        ("", "1594671549254"),
    ],
)
def test_writes_a_time(name: str, text: str) -> None:
    assert written(Value(("1594671549254",)), name, glob) == text


def test_a_query_compares_several_values_by_an_escaped_expression() -> None:
    assert query(TWO) == r"(test\\.1|test2)"
    assert query(Value(("a+b",), several=True)) == r"a\\+b"
    assert query(Value(('a"b\\c',), several=True)) == r"a\"b\\\\c"


def test_what_is_typed_cannot_leave_its_string() -> None:
    assert query(Value(('"} or vector(1) \\d',))) == '\\"} or vector(1) \\\\d'


def test_the_authors_own_all_is_not_escaped() -> None:
    assert written(ALL, "", query) == ".+"
    assert written(ALL, "regex", query) == ".+"
    assert written(ALL, "text", query) == "All"
    assert written(ALL, "queryparam", query) == "var-service=%24__all"


@pytest.mark.parametrize("text", ["$x", "${x}", "[[x]]", "${x:raw}", "[[x:csv]]"])
def test_reads_every_notation(text: str) -> None:
    assert interpolated(f"a {text}, b", among({"x": Value(("1",))})) == "a 1, b"
    assert names(text) == {"x"}


def test_what_nobody_knows_stays() -> None:
    assert interpolated("$a ${b:csv} $$ $", among({})) == "$a ${b:csv} $$ $"


def test_the_first_lookup_wins() -> None:
    lookup = first_of(among({"x": Value(("1",))}), among({"x": Value(("2",)), "y": Value(("3",))}))
    assert interpolated("$x$y", lookup) == "13"
