import asyncio
import logging
from collections.abc import Callable
from typing import Any

import django
import pytest
from django.core.exceptions import PermissionDenied
from django.core.handlers.asgi import ASGIHandler
from django.http import Http404, HttpRequest, HttpResponse
from django.test import AsyncClient, Client, override_settings
from django.urls import include, path, re_path
from prometheus_client import CollectorRegistry

from ai_monitoring.web.meter import CLIENT_CLOSED

Value = Callable[..., float]
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def plain(request: HttpRequest, **_: Any) -> HttpResponse:
    return HttpResponse("fine")


async def plain_async(request: HttpRequest, **_: Any) -> HttpResponse:
    return HttpResponse("fine")


def raises(request: HttpRequest) -> HttpResponse:
    raise LookupError("of the application")


def refuses(request: HttpRequest, what: str) -> HttpResponse:
    raise {"404": Http404(), "403": PermissionDenied()}[what]


ROUTES = [
    path("", plain),
    path("users/<int:pk>/", plain),
    path("async/<slug:name>/", plain_async),
    path("raises/", raises),
    path("refuses/<str:what>/", refuses),
    path("shop/", include(([path("items/<uuid:id>/", plain, name="item")], "shop"), namespace="one")),
    re_path(r"^articles/(?P<year>[0-9]{4})/(?P<slug>[\w-]+)/$", plain),
    path("old/", include([re_path(r"^page-(\d+)\.html$", lambda request, number: plain(request))])),
]
ENDPOINTS = {
    "/": "/",
    "/users/7/": "/users/<int:pk>/",
    "/async/me/": "/async/<slug:name>/",
    "/shop/items/8f4d1b0a-7d0c-4c5e-9d4a-2f0f4f6f9a10/": "/shop/items/<uuid:id>/",
    "/articles/2026/spring/": "/articles/<year>/<slug>/",
    "/old/page-12.html": "/old/page-<var>.html",
}


@pytest.fixture
def total(value: Value) -> Value:
    def read(endpoint: str, status: int = 200, method: str = "GET") -> float:
        return value("django_requests_total", method=method, endpoint=endpoint, status=str(status))

    return read


@pytest.mark.parametrize(("address", "endpoint"), ENDPOINTS.items())
def test_a_request_counts_under_its_route(
    project: Any, value: Value, total: Value, address: str, endpoint: str
) -> None:
    project(ROUTES)

    assert Client().get(address).content == b"fine"

    assert total(endpoint) == 1


@pytest.mark.parametrize(("address", "endpoint"), ENDPOINTS.items())
async def test_a_request_counts_under_asgi(
    project: Any, value: Value, total: Value, address: str, endpoint: str
) -> None:
    project(ROUTES)

    response: Any = await AsyncClient().get(address)

    assert response.content == b"fine"
    assert total(endpoint) == 1


def test_paths_without_a_route_share_one_endpoint(project: Any, total: Value) -> None:
    project(ROUTES)

    for number in range(3):
        Client().get(f"/nowhere/{number}/")

    assert total("unmatched", 404) == 3


def test_unknown_methods_share_one_label(project: Any, total: Value) -> None:
    project(ROUTES)

    for method in ("BREW", "PROPFIND"):
        Client().generic(method, "/users/7/")

    assert total("/users/<int:pk>/", method="other") == 2


def test_a_request_under_way_is_in_progress(project: Any, value: Value) -> None:
    seen: list[float] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(value("django_requests_in_progress"))
        return HttpResponse()

    project([path("", view)])
    Client().get("/")

    assert seen == [1]
    assert value("django_requests_in_progress") == 0
    assert value("django_request_duration_seconds_count", method="GET", endpoint="/") == 1


def test_an_unhandled_exception_counts_once_and_passes_untouched(project: Any, value: Value, total: Value) -> None:
    project(ROUTES)

    with pytest.raises(LookupError, match="of the application"):
        Client().get("/raises/")

    assert total("/raises/", 500) == 1
    assert value("django_exceptions_total", endpoint="/raises/", exception="LookupError") == 1
    assert value("django_requests_in_progress") == 0


async def test_an_unhandled_exception_counts_once_under_asgi(project: Any, value: Value, total: Value) -> None:
    project(ROUTES)

    await AsyncClient(raise_request_exception=False).get("/raises/")

    assert total("/raises/", 500) == 1
    assert value("django_exceptions_total", endpoint="/raises/", exception="LookupError") == 1


def test_an_exception_that_django_is_told_to_propagate_counts_once(project: Any, value: Value, total: Value) -> None:
    project(ROUTES, DEBUG_PROPAGATE_EXCEPTIONS=True)

    with pytest.raises(LookupError):
        Client().get("/raises/")

    assert total("/raises/", 500) == 1
    assert value("django_exceptions_total", endpoint="/raises/", exception="LookupError") == 1
    assert value("django_requests_in_progress") == 0


def test_an_exception_that_is_an_answer_is_not_counted(project: Any, registry: CollectorRegistry, total: Value) -> None:
    project(ROUTES)

    Client().get("/refuses/404/")
    Client().get("/refuses/403/")

    assert (total("/refuses/<str:what>/", 404), total("/refuses/<str:what>/", 403)) == (1, 1)
    exceptions = next(family for family in registry.collect() if family.name == "django_exceptions")
    assert exceptions.samples == []


def test_an_exception_that_another_middleware_answers_is_not_counted(project: Any, value: Value, total: Value) -> None:
    class Apology:
        def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
            self.get_response = get_response

        def __call__(self, request: HttpRequest) -> HttpResponse:
            return self.get_response(request)

        def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse:
            return HttpResponse("sorry", status=503)

    project(ROUTES, [Apology])
    Client().get("/raises/")

    assert total("/raises/", 503) == 1
    assert value("django_exceptions_total", endpoint="/raises/", exception="LookupError") == 0


@pytest.mark.skipif(django.VERSION < (5, 0), reason="Django 4.2 does not notice that a client leaves")
async def test_a_client_that_leaves_before_its_answer_counts_as_499(project: Any, value: Value, total: Value) -> None:
    begun = asyncio.Event()

    async def waits(request: HttpRequest) -> HttpResponse:
        begun.set()
        await asyncio.sleep(60)
        return HttpResponse()

    async def receive() -> dict[str, Any]:
        if not begun.is_set() and not body:
            body.append(b"")
            return {"type": "http.request", "body": b""}
        await begun.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        raise AssertionError("nothing is answered")

    body: list[bytes] = []
    project([path("waits/", waits)])
    await ASGIHandler()(scope("/waits/"), receive, send)

    assert total("/waits/", CLIENT_CLOSED) == 1
    assert value("django_requests_in_progress") == 0


def test_a_latency_carries_the_trace_of_its_request(project: Any, registry: CollectorRegistry) -> None:
    project(ROUTES)
    Client().get("/users/7/", headers={"traceparent": TRACEPARENT})

    family = next(family for family in registry.collect() if family.name == "django_request_duration_seconds")
    exemplars = [sample.exemplar.labels for sample in family.samples if sample.exemplar]
    assert exemplars == [{"trace_id": TRACEPARENT[3:35], "span_id": TRACEPARENT[36:52]}]


def test_a_slow_request_is_a_log_line(project: Any, caplog: pytest.LogCaptureFixture) -> None:
    project(ROUTES, AI_MONITORING={"SLOW_REQUEST_SECONDS": 1e-9})

    with caplog.at_level(logging.WARNING, logger="ai_monitoring.web"):
        Client().get("/users/7/")

    assert caplog.records[0].getMessage().startswith("Slow request: GET /users/<int:pk>/ answered 200 after")


def test_a_route_match_of_another_kind_does_no_harm(project: Any, total: Value) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        request.resolver_match = object()  # type: ignore[assignment]
        return HttpResponse()

    project([path("odd/", view)])

    assert Client().get("/odd/").status_code == 200
    assert total("unmatched") == 1


def test_a_view_that_returns_no_response_leaves_nothing_in_progress(project: Any, value: Value, total: Value) -> None:
    view: Any = lambda request: "text"  # noqa: E731
    project([path("text/", view)])

    assert Client(raise_request_exception=False).get("/text/").status_code == 500
    assert total("/text/", 500) == 1
    assert value("django_requests_in_progress") == 0


def test_a_middleware_that_answers_itself_is_counted(project: Any, total: Value) -> None:
    project(ROUTES, ["django.middleware.common.CommonMiddleware"])

    assert Client().get("/users/7").status_code == 301
    assert total("unmatched", 301) == 1


def test_requests_without_the_middleware_are_not_counted(project: Any, value: Value) -> None:
    module = project(ROUTES)
    with override_settings(MIDDLEWARE=[], ROOT_URLCONF=module.__name__), pytest.raises(LookupError):
        Client().get("/raises/")

    assert value("django_exceptions_total", endpoint="/raises/", exception="LookupError") == 0


def scope(address: str) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "path": address,
        "query_string": b"",
        "headers": [],
        "client": ("192.0.2.7", 1),
        "server": ("test", 80),
    }
