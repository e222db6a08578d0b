import pytest

from ai_monitoring.embedded.logql.errors import SyntaxProblemError
from ai_monitoring.embedded.logql.expressions import BinaryOperation, LogQuery, Number, RangeAggregation
from ai_monitoring.embedded.logql.parser import parse
from ai_monitoring.embedded.logql.stages.label_filter import Both, Either, QuantityFilter
from ai_monitoring.embedded.logql.stages.line_filter import LineFilter

S = '{a="b"}'


@pytest.mark.parametrize(
    ("query", "place", "says"),
    [
        (f"{S} | x=ip(`10.0.0.0/8`)", (1, 13), "ip() is not supported here: use a regular expression"),
        (f"{S} |= ip(`10.0.0.0/8`)", (1, 12), "ip() is not supported here"),
        (f"sum(rate({S}[1m])) * on (x) group_left (y) sum(rate({S}[1m]))", (1, 33), "group_left is not supported here"),
        (f"approx_topk(3, rate({S}[1m]))", (1, 1), "approx_topk is not supported here: use topk"),
        (f"variants(rate({S}[1m])) of ({S}[1m])", (1, 1), "variants() is not supported here"),
        (f'{S}\n| line_format "{{{{if .x}}}}"', (2, 15), "'if' in a template is not supported here"),
        (f"{S} | line_format `{{{{.x | fromJson}}}}`", (1, 23), "function 'fromJson' is not supported here: there are"),
        (f"{S} | line_format `{{{{$x := 1}}}}`", (1, 23), "unexpected '$' in a template"),
        (f"{S} | json a=`b..c`", (1, 18), "cannot parse expression [b..c]: syntax error at character 2"),
        (f"{S} |~ `a(`", (1, 12), "error parsing regexp: missing )"),
        (f"{S} |~ `a(?=b)`", (1, 12), "error parsing regexp"),
        (f'{S} |= "\\q"', (1, 12), "invalid escape \\q in a string"),
        (f"{S} | unwrap x", (1, 1), "unwrap stands only within a range aggregation"),
        (f"sum_over_time({S}[5m])", (1, 1), "invalid aggregation sum_over_time without unwrap: it needs a number"),
        (f"rate({S}[5x])", (1, 13), 'not a valid duration string: "5x"'),
        (f"rate({S}[0s])", (1, 13), "a range must be longer than 0"),
        (f"rate({S})", (1, 13), "unexpected ')', expecting"),
        (f"{S} | foo bar", (1, 15), "unexpected 'bar', expecting"),
        ("", (1, 1), "the query is empty"),
        (f"sum(rate({S}[1m])) and 1", (1, 24), "unexpected literal for the operation and"),
    ],
)
def test_a_refusal_says_what_and_where(query: str, place: tuple[int, int], says: str) -> None:
    with pytest.raises(SyntaxProblemError) as refusal:
        parse(query)
    assert says in str(refusal.value)
    assert (refusal.value.line, refusal.value.column) == place


def test_names_of_functions_and_keywords_are_names_of_labels_too() -> None:
    query = parse('sum by (count, rate, json) (count_over_time({sum="x"} | logfmt | max > 5 | bytes="1" [1m]))')
    assert "count" in str(query)


def test_strings_are_gos() -> None:
    query = parse('{a="b"} |= "\\t\\x41\\u00e9\\"\\xc3\\xbc" |= `\\t`')
    assert isinstance(query, LogQuery)
    assert [stage.values for stage in query.stages if isinstance(stage, LineFilter)] == [('\tAé"ü',), ("\\t",)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("5", "number", 5),
        ("-0.5", "number", -0.5),
        ("1.5s", "duration", 1_500_000_000),
        ("1h30m", "duration", 5400 * 10**9),
        ("1d", "duration", 86400 * 10**9),
        ("3KB", "bytes", 3000),
        ("3KiB", "bytes", 3072),
        ("1.5MiB", "bytes", 1_572_864),
        ("7B", "bytes", 7),
    ],
)
def test_quantities_are_told_apart(text: str, kind: str, value: float) -> None:
    query = parse(f"{S} | x >= {text}")
    assert isinstance(query, LogQuery)
    assert query.stages == (QuantityFilter("x", ">=", value, kind),)


def test_and_binds_before_or_and_a_comma_takes_the_rest() -> None:
    def filters(text: str) -> object:
        query = parse(f"{S} | {text}")
        assert isinstance(query, LogQuery)
        return query.stages[0]

    a, b, c = (QuantityFilter(name, ">", 1, "number") for name in "abc")
    assert filters("a>1 or b>1 and c>1") == Either(a, Both(b, c))
    assert filters("a>1, b>1 or c>1") == Both(a, Either(b, c))
    assert filters("a>1 or b>1, c>1") == Either(a, Both(b, c))
    assert filters("(a>1 or b>1) and c>1") == Both(Either(a, b), c)
    assert filters("a>1 b>1") == Both(a, b)


def test_operators_have_their_precedence() -> None:
    assert parse("1 - 2 - 3") == BinaryOperation("-", BinaryOperation("-", Number(1), Number(2)), Number(3))
    assert parse("2 ^ 3 ^ 4") == BinaryOperation("^", Number(2), BinaryOperation("^", Number(3), Number(4)))
    assert parse("1 + 2 * 3") == BinaryOperation("+", Number(1), BinaryOperation("*", Number(2), Number(3)))


@pytest.mark.parametrize(
    "text",
    [
        f'{S} |= "x" [5m] offset 1h',
        f'({S} |= "x")[5m] offset 1h',
        f'{S}[5m] offset 1h |= "x"',
        f'(({S} |= "x")[5m] offset 1h)',
    ],
)
def test_a_range_stands_where_loki_lets_it(text: str) -> None:
    found = parse(f"rate({text})")
    assert isinstance(found, RangeAggregation)
    assert (found.range, found.offset) == (300 * 10**9, 3600 * 10**9)
    assert found.query.stages == (LineFilter("|=", ("x",)),)
