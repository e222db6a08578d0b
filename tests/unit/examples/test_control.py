"""Orders to the demo's services, and how they end."""

import json
from typing import Any

import pytest
from examples.control import Standing

JSON = "application/json"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def standing(clock: Clock) -> Standing:
    return Standing("bakery", frozenset({"oven", "door"}), clock)


def send(standing: Standing, method: str, content: Any, content_type: str = JSON) -> tuple[dict[str, Any], int]:
    return standing.answer(method, content_type, json.dumps(content).encode())


def test_an_order_stands_until_its_time_is_over(standing: Standing, clock: Clock) -> None:
    _, status = send(standing, "POST", {"seconds": 60, "orders": {"oven": "cold"}})
    assert status == 200
    assert standing.orders() == {"oven": "cold"}
    clock.now += 59.9
    assert standing.orders() == {"oven": "cold"}
    clock.now += 0.2
    assert standing.orders() == {}


def test_each_order_is_taken_back_by_its_name(standing: Standing) -> None:
    send(standing, "POST", {"seconds": 60, "orders": {"oven": "cold", "door": "open"}})
    content, _ = send(standing, "DELETE", {"orders": ["oven"]})
    assert content["orders"] == standing.orders() == {"door": "open"}


def test_it_says_whose_it_is_and_what_is_left(standing: Standing, clock: Clock) -> None:
    send(standing, "POST", {"seconds": 60, "orders": {"door": "open"}})
    clock.now += 20
    content, status = standing.answer("GET", "", b"")
    assert (status, content) == (200, {"demo": "bakery", "orders": {"door": "open"}, "seconds_left": {"door": 40.0}})


@pytest.mark.parametrize(
    ("content", "content_type", "problem"),
    [
        ({"seconds": 60, "orders": {"oven": "cold"}}, "text/plain", "application/json"),
        ({"seconds": 60, "orders": {"roof": "off"}}, JSON, "roof: no order of bakery; there are door, oven"),
        ({"seconds": 0, "orders": {"oven": "cold"}}, JSON, "more than 0"),
        ({"seconds": 3601, "orders": {"oven": "cold"}}, JSON, "at most 3600"),
        ({"orders": {"oven": "cold"}}, JSON, "more than 0"),
        (["oven"], JSON, "not a JSON object"),
    ],
)
def test_what_is_wrong_is_told_and_changes_nothing(
    standing: Standing, content: Any, content_type: str, problem: str
) -> None:
    answer, status = send(standing, "POST", content, content_type)
    assert status == 400
    assert problem in answer["error"]
    assert standing.orders() == {}
