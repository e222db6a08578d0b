"""What the corpus cannot show: where this backend goes on as Loki does not, and bad input that no one pushes."""

import pytest

from ai_monitoring.embedded.logql.expressions import LogQuery
from ai_monitoring.embedded.logql.parser import parse
from ai_monitoring.embedded.logql.stages.json_fields import json_path
from ai_monitoring.embedded.logql.stages.pattern import Pattern
from ai_monitoring.embedded.logql.stages.stage import Entry


def through(stages: str, line: str, **metadata: str) -> Entry | None:
    query = parse(f'{{a="b"}} {stages}')
    assert isinstance(query, LogQuery)
    entry = Entry(0, line, {"a": "b"}, dict(metadata))
    return entry if all(stage.process(entry) for stage in query.stages) else None


def test_a_line_filter_sees_the_line_without_its_colours() -> None:
    """Loki 3.7 looks for the text first, and finds nothing."""
    entry = through('| decolorize |= "red alert"', "\x1b[31mred\x1b[0m alert")
    assert entry
    assert entry.line == "red alert"


@pytest.mark.parametrize("line", ["", "{", "[1]", '"x"', "1", "[" * 100_000, '{"a":' * 100_000, "\x00", "nan"])
@pytest.mark.parametrize("stage", ["json", 'json x="y.z"', "unpack", "logfmt", "logfmt --strict", "logfmt x"])
def test_no_line_breaks_a_parser(stage: str, line: str) -> None:
    assert through(f"| {stage}", line)


def test_what_is_there_is_not_written_over() -> None:
    entry = through("| json", '{"a": 1, "m": 2}', m="x")
    assert entry
    assert entry.labels() == {"a": "b", "a_extracted": "1", "m": "x", "m_extracted": "2"}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a", ("a",)),
        ("a.b[0]", ("a", "b", 0)),
        ('["x y"].z', ("x y", "z")),
        ('a["\\u0041"]', ("a", "A")),
        ("[3]", (3,)),
    ],
)
def test_paths_into_json(text: str, path: tuple[str | int, ...]) -> None:
    assert json_path(text) == path


@pytest.mark.parametrize("text", ["", ".", ".a", "a..b", "a[", "a[x]", 'a["x]', "a b"])
def test_what_is_no_path(text: str) -> None:
    with pytest.raises(ValueError, match="cannot parse expression"):
        json_path(text)


def test_a_pattern_takes_the_rest_where_its_text_is_missing() -> None:
    assert Pattern("<a> is <b>").captured("x was y") == {"a": "x was y"}
    assert Pattern("level=<a>").captured("x level=1") == {}
