"""The rows of a waterfall: their order, places and bounds."""

from urllib.parse import parse_qs, urlsplit

import pytest

from ai_monitoring.embedded.store.records import Span
from ai_monitoring.embedded.traceql.trace import Trace
from ai_monitoring.embedded.viewer.traces import waterfall as falls
from ai_monitoring.embedded.viewer.traces.waterfall import Waterfall, flat

SECOND = 10**9
BEGIN = 1_700_000_000 * SECOND


def span(
    name: str, parent: str = "", begin: float = 0, seconds: float = 1, service: str = "s", status: int = 0
) -> Span:
    start = BEGIN + int(begin * SECOND)
    return Span("c0ffee", name, parent, service, name, 1, start, start + int(seconds * SECOND), status)


def rows(*spans: Span) -> list[tuple[str, int]]:
    return [(row.span.name, row.depth) for row in Waterfall(Trace(spans)).rows]


def test_children_follow_their_parent_earliest_first() -> None:
    spans = [span("late", "root", 3), span("early", "root", 1), span("deep", "early", 2), span("root", seconds=5)]
    assert rows(*spans) == [("root", 0), ("early", 1), ("deep", 2), ("late", 1)]


def test_bars_stand_in_per_cent_of_the_trace() -> None:
    found = Waterfall(Trace([span("root", seconds=10), span("half", "root", 5, 2.5), span("instant", "root", 10, 0)]))
    assert [(row.left, row.width) for row in found.rows] == [(0, 100), (50, 25), (99.75, 0.25)]
    assert [(row.offset, row.duration) for row in found.rows] == [(0, 10), (5, 2.5), (10, 0)]
    assert found.seconds == 10


def test_a_span_whose_parent_is_missing_and_a_circle_are_shown() -> None:
    spans = [span("orphan", "gone", 1), span("a", "b", 2), span("b", "a", 3), span("own", "own", 4)]
    assert rows(*spans) == [("orphan", 0), ("a", 0), ("b", 1), ("own", 0)]
    assert [row.orphan for row in Waterfall(Trace(spans)).rows] == [True, False, False, False]


def test_a_deep_trace_is_walked_and_its_indent_bounded() -> None:
    spans = [span(str(number), str(number - 1) if number else "", number) for number in range(900)]
    last = Waterfall(Trace(spans)).rows[-1]
    assert (last.depth, last.indent) == (899, 12)


def test_a_huge_trace_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(falls, "MOST_ROWS", 3)
    found = Waterfall(Trace([span("root"), *(span(str(number), "root", number) for number in range(9))]))
    assert len(found.rows) == 3
    assert found.left_out == 7


def test_services_have_their_colours_spans_and_errors() -> None:
    spans = [
        span("root", service="shop"),
        span("a", "root", 1, service="pay", status=2),
        span("b", "root", 2, service="pay"),
    ]
    found = Waterfall(Trace(spans))
    assert [(one.name, one.series, one.spans, one.errors) for one in found.services] == [
        ("shop", 1, 1, 0),
        ("pay", 2, 2, 1),
    ]
    assert found.errors == 1
    assert [row.failed for row in found.rows] == [False, True, False]


def test_the_log_lines_are_asked_a_minute_around_the_trace() -> None:
    found = Waterfall(Trace([span("root", seconds=2, service='a "shop"')]))
    asked = parse_qs(urlsplit(found.rows[0].logs).query)
    assert asked == {
        "query": ['{service_name="a \\"shop\\""} | trace_id="c0ffee"'],
        "from": [str(BEGIN // 10**6 - 60_000)],
        "to": [str(BEGIN // 10**6 + 62_000)],
    }


def test_attributes_are_shown_as_text() -> None:
    values = {"z": True, "b": [1, "x", False], "a": 1.5, "n": None}
    assert list(flat(values)) == [("a", "1.5"), ("b", "1, x, false"), ("n", "None"), ("z", "true")]
