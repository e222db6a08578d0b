"""Whatever is typed, the parser ends with an expression or with a refusal that says where."""

import random
import time
from collections.abc import Callable, Iterator

import pytest
from logql_corpus import questions

from ai_monitoring.embedded.logql.errors import SyntaxProblemError
from ai_monitoring.embedded.logql.parser import MAX_LENGTH, parse

QUERIES = sorted({question.parameters.get("query", "") for question in questions()})
_WORDS = r"""
{ } ( ) [5m] [ ] , | |= |~ |> !> != !~ =~ = == > >= < <= + - * / % ^ # " ` \ . : $ é 😀
"x" `y` "(" "a|b" "<_>" "<a><b>" "{{.a}}" "{{" 1 -1 0.5 1e9 5m 1h30m 10KB 3.5MiB 007 --strict --keep-empty
json logfmt regexp pattern unpack line_format label_format drop keep decolorize unwrap duration bytes ip
and or unless by without bool on ignoring group_left group_right offset vector label_replace variants of
rate count_over_time quantile_over_time absent_over_time sum topk sort approx_topk level a _ __error__
"""
TOKENS = [*_WORDS.split(), "\0", "\n"]
Queries = Callable[[random.Random], Iterator[str]]
SOUPS, MUTATIONS = 3_000, 3_000


def soups(random_: random.Random) -> Iterator[str]:
    for _ in range(SOUPS):
        begin = random_.choice(["", '{a="b"} ', "sum(rate("])
        yield begin + " ".join(random_.choices(TOKENS, k=random_.randrange(1, 30)))


def mutations(random_: random.Random) -> Iterator[str]:
    for _ in range(MUTATIONS):
        query = random_.choice(QUERIES)
        for _ in range(random_.randrange(1, 4)):
            begin = random_.randrange(len(query) + 1)
            end = min(begin + random_.randrange(6), len(query))
            query = query[:begin] + random_.choice([*TOKENS, ""]) + query[end:]
        yield query


def _refusal(query: str) -> SyntaxProblemError | None:
    try:
        parse(query)
    except SyntaxProblemError as error:
        return error
    return None


@pytest.mark.parametrize("kind", [soups, mutations])
@pytest.mark.parametrize("seed", [1, 2])
def test_only_refusals_come_out(kind: Queries, seed: int) -> None:
    refused = accepted = 0
    for query in kind(random.Random(seed)):  # noqa: S311
        begin = time.perf_counter()
        refusal = _refusal(query)
        refused += refusal is not None
        accepted += refusal is None
        if refusal:
            assert str(refusal).startswith(f"parse error at line {refusal.line}, col {refusal.column}: "), query
        assert time.perf_counter() - begin < 1, query
    assert refused > 100
    assert accepted > 0 or kind is soups


@pytest.mark.parametrize(
    "query",
    [
        "(" * 50_000,
        "sum(" * 5_000 + 'rate({a="b"}[1m])' + ")" * 5_000,
        '{a="b"} | ' + "(" * 20_000,
        "1" + "+1" * 20_000,
        '{a="b"} | a="b"' + ' or a="b"' * 5_000,
        '{a="b"}' + " | json" * 15_000,
        "{" + 'a="b",' * 10_000 + 'a="b"}',
        '{a="' + "x" * MAX_LENGTH + '"}',
        "-" * 100_000,
        '{a="b"} |~ "' + "(" * 60_000 + '"',
        '{a="b"} |~ "' + "(a{1000}){1000}" + '"',
        '{a="b"} | pattern "' + "<a>" * 20_000 + '"',
    ],
    ids=lambda query: query[:30],
)
def test_what_is_too_large_is_refused_at_once(query: str) -> None:
    begin = time.perf_counter()
    with pytest.raises(SyntaxProblemError):
        parse(query)
    assert time.perf_counter() - begin < 3
