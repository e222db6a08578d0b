"""What the parser takes, what it refuses and where, and that nothing else comes out of it."""

import random
import time
from contextlib import suppress

import pytest
from trace_corpus import CORPUS

from ai_monitoring.embedded.traceql.errors import TraceQLError
from ai_monitoring.embedded.traceql.parser import parse
from ai_monitoring.embedded.traceql.syntax import Attribute, Intrinsic

PIECES = [
    *'{}()|=!<>~&+-*/%^,. \n"`\\',
    *("&&", "||", "=~", "!~", ">>", "!>>", "&~", "!=", "nil", "true", "error", "server", "duration", "name", "span:id"),
    *(".a", "span.b", "resource.service.name", '."q r"', "event.x", "parent.y", '"text"', '"\\x', "`raw`", "5", "1.5"),
    *("1h30m", "99999999999999999999", "count()", "avg(duration)", "by(", "select(", "coalesce()", "rate()", "with("),
    *("\0", "é", "\ud800", "//", "/*", "nestedSetLeft", "foo"),
]


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("{ foo = 1 }", "line 1, col 3: unknown identifier: foo; an attribute has a dot before it: .foo, span.foo"),
        ("{ name = }", "line 1, col 10: syntax error: unexpected }"),
        ("{ name = 5 }", "line 1, col 8: binary operations must operate on the same type"),
        ('{\n  name =~ "(" }', "line 2, col 8: invalid regex: '('"),
        ("{ } | rate()", "line 1, col 7: rate is not supported; metrics of traces need Grafana Tempo"),
        ("{ } | quantile_over_time(duration, .9)", "col 7: quantile_over_time is not supported"),
        ("{ nestedSetLeft > 1 }", "col 3: nestedSetLeft is not supported"),
        ("{ parent.x = 1 }", "col 3: parent. is not supported; ask for a span under another with { … } > { … }"),
        ("{ instrumentation.x = 1 }", "col 3: instrumentation. is not supported"),
        ("{ process.x = 1 }", "col 3: unknown scope process"),
        ("{ } >= { }", "col 5: >= does not stand between spansets"),
        ("{ .a = 99999999999999999999 }", "col 8: 99999999999999999999 is too large"),
        ("{ name = nil }", "col 8: name=nil is not valid"),
        ("{ .a > nil }", "col 6: nil is compared by = and !=, not by >"),
        ('{ .a = "\\ud800" }', 'col 8: "\\ud800": after a backslash come'),
        ("{ } | avg() > 1", "col 7: count() takes nothing, and every other aggregate a field"),
        ("(" * 30 + "{ }", "col 21: brackets are nested more than 20 deep"),
        ("{ .a = 1 } " * 2000, "the query has 22000 characters, of at most 16384"),
        ("{ .a", "line 1, col 5: syntax error: unexpected end of the query"),
    ],
)
def test_a_refusal_names_what_and_where(query: str, problem: str) -> None:
    with pytest.raises(TraceQLError) as refused:
        parse(query)
    assert problem in str(refused.value)


def test_the_fields_that_a_query_names_are_known() -> None:
    query = parse('{ .a = "x" && span:name != "" } | by(resource.b) | select(span.c, name)')
    assert query.references == (
        Attribute("", "a"),
        Intrinsic("name"),
        Attribute("resource", "b"),
        Attribute("span", "c"),
    )


def test_comments_and_quoted_names_are_read() -> None:
    query = parse('{ // the model\n span."a \\"b\\"".c = 1 /* or not */ }')
    assert query.references == (Attribute("span", 'a "b".c'),)


def test_nothing_but_a_syntax_error_comes_out() -> None:
    chance = random.Random(5)  # noqa: S311
    begin = time.monotonic()
    known = [case["q"] for case in CORPUS["queries"]]
    for _ in range(3000):
        pieces = chance.choices(PIECES, k=chance.randint(1, 25))
        base = chance.choice(known) if chance.random() < 0.5 else ""
        cut = chance.randint(0, len(base))
        _parsed(base[:cut] + "".join(pieces) + base[cut:])
    assert time.monotonic() - begin < 20


@pytest.mark.parametrize(
    "query",
    [
        "{ " + " || ".join([".a = 1"] * 1500) + " }",
        "{ " + "!" * 10_000 + "true }",
        "{ " + "-" * 10_000 + ".a = 1 }",
        "{ " + " + ".join(["1"] * 4000) + " = 1 }",
        " && ".join(["{ }"] * 2000),
        "{ } | " + " | ".join(["{ }"] * 2000),
        "{ name = " + '"' * 10_000,
        "{ ." + '"a' * 5000,
        "9" * 16_000,
    ],
)
def test_a_long_query_ends_soon(query: str) -> None:
    begin = time.monotonic()
    _parsed(query)
    assert time.monotonic() - begin < 5


def _parsed(query: str) -> None:
    with suppress(TraceQLError):
        parse(query)
