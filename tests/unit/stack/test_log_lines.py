"""What `logs NAME` shows a person."""

import json

import pytest

from ai_monitoring.stack.log_lines import readable

RECORD = {
    "time": "2026-11-24T10:00:00.123Z",
    "level": "WARNING",
    "service": "fastapi",
    "logger": "ai_monitoring.web",
    "message": "Slow request: GET /items answered 200 after 3.21 s",
    "trace_id": "0af7651916cd43dd8448eb211c80319c",
    "attributes": {"seconds": 3.21, "endpoint": "/items", "title": "two words"},
}
LINE = (
    "2026-11-24T10:00:00.123Z WARNING ai_monitoring.web: Slow request: GET /items answered 200 after 3.21 s"
    '  seconds=3.21  endpoint=/items  title="two words"'
)


def test_a_json_line_becomes_text() -> None:
    assert readable(json.dumps(RECORD)) == LINE


@pytest.mark.parametrize(
    "exception", ["Traceback …\nValueError: 1", {"type": "ValueError", "stacktrace": "Traceback …\nValueError: 1"}]
)
def test_a_traceback_stands_below(exception: object) -> None:
    assert readable(json.dumps({**RECORD, "exception": exception})) == f"{LINE}\nTraceback …\nValueError: 1"


@pytest.mark.parametrize("line", ["plain", "", "{broken", '{"level": "INFO"}', "[1]", '{"time": 1}'])
def test_another_line_stays_as_it_is(line: str) -> None:
    assert readable(line) == line
