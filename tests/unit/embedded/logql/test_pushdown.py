"""What SQLite decides is what Python would have decided."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from ai_monitoring.embedded.logql.expressions import LogQuery
from ai_monitoring.embedded.logql.parser import parse
from ai_monitoring.embedded.logql.pipeline import stored_labels
from ai_monitoring.embedded.logql.pushdown import pushed
from ai_monitoring.embedded.logql.regex_literals import alternatives, required_literal
from ai_monitoring.embedded.logql.stages.stage import Entry
from ai_monitoring.embedded.store.database import connected
from ai_monitoring.embedded.store.reader import Reader
from ai_monitoring.embedded.store.records import Line
from ai_monitoring.embedded.store.writer import Writer

STREAM = {"env": "prod", "service_name": "django"}
TEXTS = [
    "GET /users 200",
    "get /Users 500",
    "50% of a_b \\ done",
    "Kelvin \u212aills, lo\u017fs of kills",
    "",
    "ümlaut",
    'say "hi"',
    "a.b",
    "axb",
    "nul \x00 inside",
]
METADATA = [(), (("attempt", "1"),), (("attempt", "3"), ("faq", "a b")), (("faq", 'q"uote'),), (("attempt", ""),)]
LEVELS = ["info", "error", "unknown"]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("store") / "embedded.db"
    lines = [
        Line(tuple(STREAM.items()), 1000 * number + place, text, LEVELS[(number + place) % 3], metadata)
        for number, text in enumerate(TEXTS)
        for place, metadata in enumerate(METADATA)
    ]
    with Writer(file) as writer:
        writer.write_lines(lines).result()
    return file


@pytest.fixture(scope="module")
def connection(file: Path) -> Iterator[sqlite3.Connection]:
    with connected(file, read_only=True) as connection:
        yield connection


@pytest.mark.parametrize(
    "stages",
    [
        '|= "GET"',
        '|= "GET" or "get"',
        '!= "GET" or "get"',
        '|= ""',
        '!= ""',
        '|~ ""',
        '|~ "GET|50%"',
        '|~ "(?i)get"',
        '|~ "(?i)a_b \\\\\\\\"',
        '!~ "(?i)get"',
        '|= `say "hi"`',
        "|~ `a\\.b`",
        '|= "ü"',
        '|= "inside"',
        '| detected_level="error"',
        '| detected_level=~"error|info"',
        '| detected_level!~"error|info"',
        '| detected_level=~".+"',
        '| attempt="3"',
        '| attempt!="3"',
        '| attempt=""',
        '| attempt=~"|3"',
        '| attempt!=""',
        '| attempt=~"1|3" and detected_level="error"',
        '| attempt="1" or faq="a b"',
        '| faq=`q"uote`',
        '| env="prod"',
        '| env="test"',
        '| env="test" or attempt="1"',
        '| nothing=""',
        '| attempt="1" |= "GET" | detected_level!="info"',
    ],
)
def test_sql_decides_it_all(connection: sqlite3.Connection, stages: str) -> None:
    query = parse(f'{{env="prod"}} {stages}')
    assert isinstance(query, LogQuery)
    plan = pushed(query.stages, STREAM)
    assert plan.rest == ()
    reader = Reader(connection)
    by_sql = [row.time for row in reader.lines(1, 0, 2**62, where=plan.condition)]
    assert by_sql == _by_python(reader, query)


@pytest.mark.parametrize(
    "stages",
    [
        '|~ "(?i)kills"',
        '|~ "(?i)los"',
        '|~ "(?i)a|G"',
        '!~ "(?i)kills"',
        '|~ "a.b"',
        '|~ "^GET .*200$"',
        '|~ "[Uu]sers"',
        '|~ "U?sers (2|5)0+"',
        '|> "<_> /users <_>"',
        '| attempt=~"[13]"',
        "| attempt > 1",
        '| json |= "GET"',
        '| line_format "x" |= "x" |= "GET"',
        '| drop attempt | attempt="1"',
        '| label_format attempt=faq | attempt="a b"',
        '| env_extracted="x"',
        '| __error__=""',
    ],
)
def test_what_sql_leaves_to_python_loses_nothing(connection: sqlite3.Connection, stages: str) -> None:
    query = parse(f'{{env="prod"}} {stages}')
    assert isinstance(query, LogQuery)
    plan = pushed(query.stages, STREAM)
    reader = Reader(connection)
    both = []
    for row in reader.lines(1, 0, 2**62, where=plan.condition):
        entry = Entry(row.time, row.text, STREAM, stored_labels(row))
        if all(stage.process(entry) for stage in plan.rest):
            both.append(row.time)
    assert both == _by_python(reader, query)


def _by_python(reader: Reader, query: LogQuery) -> list[int]:
    rows = reader.lines(1, 0, 2**62)
    entries = (Entry(row.time, row.text, STREAM, stored_labels(row)) for row in rows)
    return [entry.time for entry in entries if all(stage.process(entry) for stage in query.stages)]


@pytest.mark.parametrize(
    ("pattern", "literal"),
    [
        ("users/12.*9 took", "users/12"),
        ("a|b", ""),
        ("foo(bar|baz)+quxx", "quxx"),
        ("colou?r", "colo"),
        ("x{2}yz", "yz"),
        (r"[a|b]long\.txt", "long.txt"),
        (r"\d+ms", "ms"),
        ("(?i)x", ""),
        ("(a(b|c)d)?ef", "ef"),
        (r"\Qa.b", ""),
        ("", ""),
    ],
)
def test_a_literal_that_every_match_holds(pattern: str, literal: str) -> None:
    assert required_literal(pattern) == literal


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("a|b", ["a", "b"]),
        ("(a|b)", ["a", "b"]),
        (r"a\.b|c\|d", ["a.b", "c|d"]),
        ("a\\\\|b|", ["a\\", "b", ""]),
        ("a.b", []),
        ("(a)|(b)", []),
        ("(?i)a", []),
    ],
)
def test_alternatives(pattern: str, words: list[str]) -> None:
    assert alternatives(pattern) == words


@pytest.mark.parametrize(
    "stages",
    [
        f'|~ "{"|".join(f"word{number}" for number in range(3000))}"',
        f'!~ "{"|".join(f"word{number}" for number in range(3000))}"',
        f'| faq=~"{"|".join(f"word{number}" for number in range(3000))}"',
        f'|~ "(?i){"x" * 60_000}"',
        '|~ "(?i)k" ' * 199,
        '| faq=~".+" ' * 150 + '|~ "x.y"',
    ],
    ids=["words", "other words", "values", "long text", "filters", "labels"],
)
def test_what_sqlite_would_refuse_is_left_to_python(file: Path, stages: str) -> None:
    query = parse("{service_name=`django`} " + stages)
    assert isinstance(query, LogQuery)
    plan = pushed(query.stages, STREAM)
    with connected(file, read_only=True) as connection:
        list(Reader(connection).lines(1, 0, 2**62, where=plan.condition))
    assert plan.rest
