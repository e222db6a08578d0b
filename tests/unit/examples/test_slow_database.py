"""The switch that makes the demo's database slow: what each request asks of it while it is ordered to be."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import django_settings  # noqa: F401  # Django is set up before anything of it is used
import pytest
from django.db.utils import ConnectionHandler
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from examples.control import Standing
from examples.django_service import slow_database

MEMORY = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The seconds that the database was asked to wait for, each time."""
    connection = ConnectionHandler(MEMORY)["default"]
    seconds: list[float] = []

    def note(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Mapping[str, Any]) -> Any:
        answer = execute(sql, parameters, many, context)
        assert sql == "SELECT wait(%s)"
        seconds.extend(parameters)
        return answer

    monkeypatch.setattr(slow_database, "connection", connection)
    monkeypatch.setattr(slow_database, "standing", Standing("django", frozenset({slow_database.QUERY_SECONDS})))
    with connection.execute_wrapper(note):
        yield seconds
    connection.close()


def get(path: str) -> HttpResponse:
    middleware = slow_database.SlowDatabaseMiddleware(lambda _: HttpResponse("answered"))
    return middleware(RequestFactory().get(path))


def control(method: str, content: Any, content_type: str = "application/json") -> tuple[int, Any]:
    request: HttpRequest = RequestFactory().generic(method, "/control", json.dumps(content), content_type)
    answer = slow_database.control(request)
    return answer.status_code, json.loads(answer.content)


@contextmanager
def ordered(seconds: str) -> Iterator[None]:
    status, _ = control("POST", {"seconds": 60, "orders": {"query-seconds": seconds}})
    assert status == 200
    yield
    assert control("DELETE", {"orders": ["query-seconds"]})[0] == 200


def test_without_an_order_the_database_is_not_asked(asked: list[float]) -> None:
    assert get("/api/me/").content == b"answered"
    assert asked == []


def test_while_ordered_each_request_to_the_api_waits_and_is_answered(asked: list[float]) -> None:
    with ordered("0.001"):
        assert get("/api/me/").content == get("/api/login/").content == b"answered"
        assert asked == [0.001, 0.001]
    get("/api/me/")
    assert asked == [0.001, 0.001]


@pytest.mark.parametrize("path", ["/health/", "/metrics/", "/control"])
def test_what_the_watch_asks_never_waits(asked: list[float], path: str) -> None:
    with ordered("0.001"):
        get(path)
    assert asked == []


def test_a_wait_is_bounded(asked: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(slow_database, "sleep", slept.append)
    for seconds in ("3600", "-1"):
        with ordered(seconds):
            get("/api/me/")
    assert asked == [3600, -1]
    assert slept == [10, 0]


def test_it_says_whose_it_is_and_refuses_what_it_does_not_know(asked: list[float]) -> None:
    assert control("GET", None)[1]["demo"] == "django"
    assert control("POST", {"seconds": 60, "orders": {"x-demo-status": "500"}})[0] == 400
    assert control("POST", {"seconds": 60, "orders": {"query-seconds": "1"}}, "text/plain")[0] == 400
    get("/api/me/")
    assert asked == []
