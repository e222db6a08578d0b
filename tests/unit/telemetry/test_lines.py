import json
import logging
import math
from typing import Any

from ai_monitoring.telemetry.capture import capture
from ai_monitoring.telemetry.lines import JSONLines, redacted


class Unshowable:
    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


def record(message: str, *args: object, **more: Any) -> logging.LogRecord:
    made = logging.makeLogRecord({"name": "shop", "levelname": "INFO", "levelno": 20, "msg": message, "args": args})
    made.__dict__.update(more)
    return made


def line(made: logging.LogRecord) -> dict[str, Any]:
    text = JSONLines("shop")(redacted(capture(made)))
    assert "\n" not in text
    found = json.loads(text, parse_constant=lambda name: 1 / 0)
    assert isinstance(found, dict)
    return found


def failure(text: str) -> BaseException:
    try:
        raise ValueError(text)
    except ValueError as error:
        return error


def test_a_line_tells_time_level_service_logger_and_message() -> None:
    assert line(record("sold %d of %s", 3, "tea", created=1795536310.25)) == {
        "time": "2026-11-24T16:05:10.250Z",
        "level": "INFO",
        "service": "shop",
        "logger": "shop",
        "message": "sold 3 of tea",
    }


def test_what_extra_holds_is_an_attribute() -> None:
    assert line(record("sold", country="FR", n=3))["attributes"] == {"country": "FR", "n": 3}


def test_an_exception_has_type_text_and_stack_without_personal_data() -> None:
    error = failure("no mail to ada@example.org")
    found = line(record("failed", exc_info=(type(error), error, error.__traceback__)))["exception"]
    assert found["type"] == "ValueError"
    assert found["message"] == "no mail to [email]"
    assert found["stacktrace"].startswith("Traceback")
    assert "ada@" not in found["stacktrace"]


def test_a_long_recursion_keeps_the_frames_next_to_the_error() -> None:
    def deep(n: int) -> None:
        if n == 0:
            raise KeyError("end")
        (deep if n % 2 else lambda m: deep(m))(n - 1)

    try:
        deep(200)
    except KeyError as error:
        stack = line(record("failed", exc_info=(KeyError, error, error.__traceback__)))["exception"]["stacktrace"]
    assert stack.count("File ") == 50
    assert 'raise KeyError("end")' in stack


def test_any_object_makes_valid_json() -> None:
    odd = {
        "unshowable": Unshowable(),
        "nan": math.nan,
        "deep": {"inf": [math.inf]},
        "bytes": b"\xff",
        "half": "\ud800",
        "set": {1},
        "big": 10**5000,
        "key": {(1, 2): 3},
    }
    for name, value in odd.items():
        line(record("odd", **{f"value_{name}": value}))


def test_arguments_that_do_not_fit_are_shown_as_they_are() -> None:
    assert line(record("sold %d", "tea"))["message"] == "sold %d ('tea',)"


def test_a_message_that_cannot_be_shown_is_withheld() -> None:
    assert line(record("sold %s", Unshowable()))["message"] == "the message cannot be shown"


def test_line_breaks_stay_in_one_line() -> None:
    assert line(record("one\ntwo\r\u2028three"))["message"] == "one\ntwo\r\u2028three"
