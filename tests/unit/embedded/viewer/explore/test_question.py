import pytest

from ai_monitoring.embedded.viewer.explore.question import LIMITS, Question


@pytest.mark.parametrize(
    ("asked", "logql"),
    [
        ({}, '{service_name=~".+"}'),
        ({"service": "django"}, '{service_name="django"}'),
        ({"level": "error"}, '{service_name=~".+"} | detected_level="error"'),
        ({"level": "error or worse"}, '{service_name=~".+"} | detected_level=~"error|critical|fatal"'),
        ({"level": "strange"}, '{service_name=~".+"}'),
        (
            {"service": "a", "text": 'say "hé" \\ \n', "level": "info"},
            '{service_name="a"} |= "say \\"hé\\" \\\\ \\n" | detected_level="info"',
        ),
        ({"query": '{a="b"}\r\n| json', "service": "c"}, '{a="b"}\n| json'),
    ],
)
def test_logql(asked: dict[str, str], logql: str) -> None:
    assert Question.of(asked).logql == logql


@pytest.mark.parametrize(
    ("limit", "taken"), [("", 200), ("50", 50), ("0", 1), ("999999", LIMITS[-1]), ("9" * 5000, 200), ("x", 200)]
)
def test_limit_is_bounded(limit: str, taken: int) -> None:
    assert Question.of({"limit": limit}).limit == taken


def test_address_keeps_the_question() -> None:
    asked = {"service": "a b", "text": "&x=", "from": "now-6h", "to": "now", "limit": "500", "direction": "forward"}
    question = Question.of(asked)
    assert question.address() == "/explore?service=a+b&text=%26x%3D&from=now-6h&to=now&limit=500&direction=forward"
    assert question.address(**{"from": "now-1h", "text": ""}) == (
        "/explore?service=a+b&from=now-1h&to=now&limit=500&direction=forward"
    )
