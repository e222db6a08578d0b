import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import django
import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.sessions.models import Session
from django.core.handlers.asgi import ASGIHandler
from django.db import connection
from django.db.utils import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, AsyncRequestFactory, Client, RequestFactory
from django.urls import path
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from prometheus_client import REGISTRY
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.authentication import JWTStatelessUserAuthentication
from rest_framework_simplejwt.tokens import AccessToken

from ai_monitoring.web.django import databases, metrics_view, page, readings, sessions
from ai_monitoring.web.meter import RequestMeter

SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
ROUTES = [path("metrics/", metrics_view)]
Scrape = Callable[..., dict[str, float]]


@pytest.fixture
def scrape() -> Scrape:
    """The page's samples by name and labels, such as `django_db_connections_active{default}`."""

    def read() -> dict[str, float]:
        response = Client().get("/metrics/")
        assert response.status_code == 200
        return samples(response.content.decode())

    return read


def samples(text: str) -> dict[str, float]:
    return {
        sample.name + (f"{{{','.join(sample.labels.values())}}}" if sample.labels else ""): sample.value
        for family in parse(text)
        for sample in family.samples
    }


@pytest.mark.parametrize("several", [True, False])
def test_one_of_several_workers_is_warned_of(monkeypatch: pytest.MonkeyPatch, several: bool) -> None:
    calls: list[bool] = []
    monkeypatch.setattr(page, "warn_of_lone_worker", lambda: calls.append(True))
    metrics_view(RequestFactory().get("/metrics/", **{"wsgi.multiprocess": several}))  # type: ignore[arg-type]
    metrics_view(AsyncRequestFactory().get("/metrics/"))
    assert bool(calls) is several


def errors(component: str) -> float:
    name = "ai_monitoring_instrumentation_errors_total"
    return REGISTRY.get_sample_value(name, {"component": component}) or 0.0


@pytest.fixture
def stored() -> Iterator[None]:
    """Two sessions that live, one that has expired."""
    now = timezone.now()
    for number, minutes in enumerate((5, 60, -5)):
        Session.objects.create(
            session_key=f"key{number}", session_data="", expire_date=now + timedelta(minutes=minutes)
        )
    yield
    Session.objects.all().delete()


def test_the_page_is_in_the_format_asked_for(project: Any) -> None:
    project(ROUTES)

    openmetrics: Any = Client().get("/metrics/", headers={"accept": "application/openmetrics-text; version=1.0.0"})
    assert openmetrics.headers["Content-Type"].startswith("application/openmetrics-text")
    assert list(parse_openmetrics(openmetrics.content.decode()))

    text: Any = Client().get("/metrics/")
    assert text.headers["Content-Type"].startswith("text/plain")
    names = [line.split()[2] for line in text.content.decode().splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names))


def test_the_page_does_not_count_itself(project: Any, value: Callable[..., float], registry: Any) -> None:
    project(ROUTES)
    Client().get("/metrics/")

    assert value("django_requests_in_progress") == 0
    assert not any("metrics" in str(sample.labels) for family in registry.collect() for sample in family.samples)


async def test_the_page_does_not_count_itself_under_asgi(project: Any, value: Callable[..., float]) -> None:
    project(ROUTES)
    response: Any = await AsyncClient().get("/metrics/")

    assert response.status_code == 200
    assert value("django_requests_in_progress") == 0
    assert value("django_requests_total", method="GET", endpoint="/metrics/", status="200") == 0


@pytest.mark.skipif(django.VERSION < (5, 0), reason="Django 4.2 does not notice that a client leaves")
async def test_a_scrape_that_is_given_up_does_not_count_either(
    project: Any, value: Callable[..., float], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    go_on = threading.Event()

    def waits(*_: Any) -> bool:
        loop.call_soon_threadsafe(begun.set)
        return go_on.wait(30)

    async def receive() -> dict[str, Any]:
        if not messages:
            await begun.wait()
            go_on.set()
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(_: Any) -> None:
        """Nobody listens."""

    messages = [{"type": "http.request", "body": b""}]
    monkeypatch.setattr(page, "authorized", waits)
    project([*ROUTES, path("other/", lambda request: HttpResponse())])
    dropped: list[int] = []
    monkeypatch.setattr(RequestMeter, "finished", lambda *_: dropped.append(1))
    scope = {"type": "http", "method": "GET", "path": "/metrics/", "query_string": b"", "headers": []}
    await ASGIHandler()(scope, receive, send)

    assert not dropped
    assert value("django_requests_in_progress") == 0


def test_the_page_can_only_be_read(project: Any) -> None:
    project(ROUTES)

    assert Client().head("/metrics/").status_code == 200
    assert Client().post("/metrics/").status_code == 405


def test_the_page_may_ask_for_a_token(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    project(ROUTES)
    monkeypatch.setenv("AI_MONITORING_METRICS_TOKEN", "s3cret")

    refused = Client().get("/metrics/")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert Client().get("/metrics/", headers={"authorization": "Bearer s3cret"}).status_code == 200


def test_a_token_file_that_cannot_be_read_is_said(
    project: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    project(ROUTES)
    monkeypatch.setenv("AI_MONITORING_METRICS_TOKEN_FILE", str(tmp_path / "missing"))

    response = Client().get("/metrics/")
    assert response.status_code == 503
    assert response.content == b"The metrics token cannot be read\n"


def test_the_page_needs_neither_a_transaction_nor_a_login() -> None:
    view: Any = metrics_view

    assert "any alias" in view._non_atomic_requests
    assert view.login_required is False


def test_sessions_are_those_that_have_not_expired(project: Any, scrape: Scrape, stored: None) -> None:
    project(ROUTES, [SESSIONS])

    assert scrape()["django_sessions_active"] == 2


@pytest.mark.parametrize("engine", ["cache", "file", "signed_cookies"])
def test_sessions_that_cannot_be_counted_are_not_shown(project: Any, scrape: Scrape, engine: str) -> None:
    project(ROUTES, [SESSIONS], SESSION_ENGINE=f"django.contrib.sessions.backends.{engine}")
    before = errors("django_sessions")

    assert "django_sessions_active" not in scrape()
    assert errors("django_sessions") == before


def test_a_project_without_sessions_shows_none(project: Any, scrape: Scrape, stored: None) -> None:
    project(ROUTES)

    assert "django_sessions_active" not in scrape()


@pytest.mark.parametrize(
    "chosen",
    [
        {"AI_MONITORING": {"SESSIONS": "users"}},
        {"REST_FRAMEWORK": {"DEFAULT_AUTHENTICATION_CLASSES": ["project.authentication.JWTAuthentication"]}},
    ],
)
def test_with_jwt_the_users_of_requests_count(project: Any, scrape: Scrape, chosen: dict[str, Any]) -> None:
    def view(request: HttpRequest, name: str) -> HttpResponse:
        request.user = User(pk=name)
        return HttpResponse()

    project([*ROUTES, path("as/<str:name>/", view)], [SESSIONS], **chosen)
    for name in ("1", "2", "2"):
        Client().get(f"/as/{name}/")

    assert scrape()["django_sessions_active"] == 2


def test_a_user_whom_a_token_names_counts(project: Any, scrape: Scrape) -> None:
    class View(APIView):  # type: ignore[misc]
        authentication_classes = (JWTStatelessUserAuthentication,)

        def get(self, request: Any) -> Response:
            return Response({"user": request.user.pk})

    project([*ROUTES, path("mine/", View.as_view())], AI_MONITORING={"SESSIONS": "users"})
    token = AccessToken.for_user(User(pk=7))
    assert Client().get("/mine/", headers={"authorization": f"Bearer {token}"}).status_code == 200

    assert scrape()["django_sessions_active"] == 1


def test_a_user_nobody_asked_for_is_not_looked_up() -> None:
    def look_up() -> Any:
        raise AssertionError("a database query of ours")

    request: Any = HttpRequest()
    assert sessions.user_of(request) is None
    request.user = SimpleLazyObject(look_up)
    assert sessions.user_of(request) is None
    request.user = AnonymousUser()
    assert sessions.user_of(request) is None
    request.user = SimpleLazyObject(lambda: User(pk=7))
    assert request.user.is_authenticated
    assert sessions.user_of(request) == 7


def test_connections_of_a_file_are_those_of_this_process(project: Any, scrape: Scrape) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        User.objects.count()
        return HttpResponse()

    project([*ROUTES, path("query/", view)])
    connection.close()
    Client().get("/query/")
    connection.ensure_connection()
    page = scrape()

    assert page["django_db_connections_active{default}"] >= 1
    assert "django_db_connections_max{default}" not in page
    assert page["django_db_query_duration_seconds_count{default}"] >= 1
    connection.close()


def test_a_reading_that_fails_shows_nothing_but_its_failure(
    project: Any, scrape: Scrape, stored: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> int:
        raise OperationalError("the database is gone")

    project(ROUTES, [SESSIONS])
    monkeypatch.setattr(readings, "REST", 0)
    before = scrape()
    assert before["django_sessions_active"] == 2
    monkeypatch.setattr(sessions, "_stored_sessions", broken)
    page = scrape()

    assert "django_sessions_active" not in page
    assert page["django_db_connections_active{default}"] >= 0
    failures = "ai_monitoring_instrumentation_errors_total{django_sessions}"
    assert page[failures] == before[failures] + 1


def test_a_reading_that_hangs_holds_up_one_scrape_only(
    project: Any, scrape: Scrape, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hangs(_: Any) -> tuple[int, None]:
        calls.append(threading.current_thread())
        released.wait(30)
        return 1, None

    calls: list[threading.Thread] = []
    released = threading.Event()
    monkeypatch.setitem(databases.READERS, "sqlite", hangs)
    project(ROUTES, AI_MONITORING={"SCRAPE_TIMEOUT_SECONDS": 0.05})
    failures = "ai_monitoring_instrumentation_errors_total{django_db_connections}"
    first, second = scrape(), scrape()
    released.set()
    calls[0].join()

    assert "django_db_connections_active{default}" not in first
    assert second[failures] == first[failures] + 1
    assert len(calls) == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_connection_that_cannot_be_closed_leaves_no_stale_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise OperationalError("the server went away")

    readable = [[Family("first", "", "gauge")], [Family("second", "", "gauge")]]
    source = readings.Source("django_sessions", lambda: readable.pop(0))
    monkeypatch.setattr(readings, "QUICK", 60.0)
    monkeypatch.setattr(readings, "connections", SimpleNamespace(close_all=broken))
    names = [[family.name for family in readings.read_all([source], 30, str)] for _ in range(2)]

    assert names == [["first"], ["second"]]


def test_a_reading_that_found_no_thread_is_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("can't start new thread")

    source = readings.Source("django_sessions", lambda: [Family("first", "", "gauge")])
    monkeypatch.setattr(threading.Thread, "start", broken)
    with pytest.raises(RuntimeError):
        readings.read_all([source], 30, str)
    monkeypatch.undo()

    assert [family.name for family in readings.read_all([source], 30, str)] == ["first"]


def test_a_slow_reading_stands_for_a_while(project: Any, scrape: Scrape, monkeypatch: pytest.MonkeyPatch) -> None:
    def counts() -> int:
        calls.append(1)
        return len(calls)

    calls: list[int] = []
    monkeypatch.setattr(sessions, "_stored_sessions", counts)
    monkeypatch.setattr(readings, "QUICK", 0.0)
    monkeypatch.setattr(readings, "REST", 1e9)
    project(ROUTES, [SESSIONS])

    assert [scrape()["django_sessions_active"] for _ in range(3)] == [1, 1, 1]
    monkeypatch.setattr(readings, "MAX_AGE", 0)
    assert scrape()["django_sessions_active"] == 2


def test_settings_that_cannot_be_read_leave_the_page_standing(
    project: Any, scrape: Scrape, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("ours")

    project(ROUTES)
    Client().get("/metrics/")
    monkeypatch.setattr("ai_monitoring.web.django.page.configuration", broken)

    assert scrape()["ai_monitoring_instrumentation_errors_total{django_metrics_page}"] >= 1
