"""Route templates through routers, mounts and sub-applications."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgi_apps import client_of, watched_fastapi, watched_starlette
from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Host, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient

from ai_monitoring.web.asgi import AuthFailureMiddleware, PrometheusMiddleware

Counted = Callable[[], dict[tuple[str, str, str], float]]


class Copying:
    """A middleware that hands a copy of the scope down, and keeps the application under a name of its own."""

    def __init__(self, app: Any) -> None:
        self._inner = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._inner(dict(scope), receive, send)


def hello(request: Request) -> Response:
    return PlainTextResponse("hello")


def test_a_path_parameter_is_not_a_label(registry: CollectorRegistry, counted: Counted) -> None:
    app = watched_fastapi(registry)
    app.get("/items/{item}")(lambda item: item)

    for item in ("1", "2"):
        client_of(app).get(f"/items/{item}")

    assert counted() == {("GET", "/items/{item}", "200"): 2}


def test_nested_routers_with_prefixes(registry: CollectorRegistry, counted: Counted) -> None:
    app = watched_fastapi(registry)
    inner, outer = APIRouter(prefix="/inner"), APIRouter(prefix="/{tenant}")
    inner.get("/items/{item}")(lambda item: item)
    outer.include_router(inner)
    outer.add_route("/{tenant}/plain/{name}", hello)
    app.include_router(outer, prefix="/v1")

    client_of(app).get("/v1/acme/inner/items/7")
    client_of(app).get("/v1/acme/plain/ada")

    assert counted() == {
        ("GET", "/v1/{tenant}/inner/items/{item}", "200"): 1,
        ("GET", "/v1/{tenant}/plain/{name}", "200"): 1,
    }


def test_one_router_under_two_prefixes(registry: CollectorRegistry, counted: Counted) -> None:
    app, router = watched_fastapi(registry), APIRouter()
    router.get("/items/{item}")(lambda item: item)
    app.include_router(router, prefix="/v1")
    app.include_router(router, prefix="/v2")

    client_of(app).get("/v1/items/7")
    client_of(app).get("/v2/items/7")

    assert set(counted()) == {("GET", "/v1/items/{item}", "200"), ("GET", "/v2/items/{item}", "200")}


def test_fastapi_routes_that_are_plain_starlette_routes(registry: CollectorRegistry, counted: Counted) -> None:
    client_of(watched_fastapi(registry)).get("/docs")

    assert counted() == {("GET", "/docs", "200"): 1}


def test_starlette_mounts_with_parameters(registry: CollectorRegistry, counted: Counted) -> None:
    inner = Mount("/teams/{team:int}", routes=[Route("/users/{user}", hello)])
    app = watched_starlette(registry, Mount("/tenants/{tenant}", routes=[inner]))

    client_of(app).get("/tenants/acme/teams/7/users/ada")
    client_of(app).get("/tenants/acme/teams/7/users/bob")
    client_of(app).get("/tenants/other/teams/8/users/ada")

    assert counted() == {("GET", "/tenants/{tenant}/teams/{team}/users/{user}", "200"): 3}


@pytest.mark.parametrize("outer_is_fastapi", [False, True])
@pytest.mark.parametrize("inner_is_fastapi", [False, True])
def test_sub_applications(
    registry: CollectorRegistry, counted: Counted, outer_is_fastapi: bool, inner_is_fastapi: bool
) -> None:
    outer: Any = watched_fastapi(registry) if outer_is_fastapi else watched_starlette(registry)
    inner: Any = FastAPI() if inner_is_fastapi else Starlette()
    inner.add_route("/items/{item}", hello)
    outer.mount("/sub", inner)

    client_of(outer).get("/sub/items/7")
    client_of(outer).get("/sub/nowhere")
    client_of(outer).get("/nowhere")

    assert counted() == {("GET", "/sub/items/{item}", "200"): 1, ("GET", "unmatched", "404"): 2}


def test_a_sub_application_with_routers_inside_an_included_mount(registry: CollectorRegistry, counted: Counted) -> None:
    app, outer, sub, router = watched_fastapi(registry), APIRouter(), FastAPI(), APIRouter(prefix="/deep")
    router.get("/{item}")(lambda item: item)
    sub.get("/flat/{item}")(lambda item: item)
    sub.include_router(router)
    outer.mount("/sub", sub)
    app.include_router(outer)
    app.mount("/direct/{tenant}", sub)

    for path in ("/direct/acme/deep/7", "/direct/acme/flat/7"):
        client_of(app).get(path)

    assert counted() == {
        ("GET", "/direct/{tenant}/deep/{item}", "200"): 1,
        ("GET", "/direct/{tenant}/flat/{item}", "200"): 1,
    }


def test_a_mounted_application_behind_middleware(registry: CollectorRegistry, counted: Counted) -> None:
    sub = FastAPI()
    sub.get("/items/{item}")(lambda item: item)
    app = watched_starlette(registry, Mount("/{tenant}", app=AuthFailureMiddleware(sub, registry)))

    client_of(app).get("/acme/items/7")

    assert counted() == {("GET", "/{tenant}/items/{item}", "200"): 1}


def test_static_files_stand_under_their_mount(registry: CollectorRegistry, counted: Counted, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("page")
    app = watched_fastapi(registry)
    app.mount("/static", StaticFiles(directory=tmp_path))

    client_of(app).get("/static/page.txt")
    client_of(app).get("/static/missing.txt")

    assert counted() == {("GET", "/static", "200"): 1, ("GET", "/static", "404"): 1}


@pytest.mark.skipif(not hasattr(FastAPI, "frontend"), reason="this FastAPI has no frontend")
def test_a_frontend_stands_under_its_path(registry: CollectorRegistry, counted: Counted, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("page")
    app, router = watched_fastapi(registry), APIRouter()
    router.frontend("/ui", directory=tmp_path)
    app.include_router(router, prefix="/admin")
    app.frontend("/", directory=tmp_path)

    client_of(app).get("/page.html")
    client_of(app).get("/admin/ui/page.html")

    assert counted() == {("GET", "/", "200"): 1, ("GET", "/admin/ui", "200"): 1}


def test_a_mount_at_the_root_and_a_host(registry: CollectorRegistry, counted: Counted) -> None:
    inner = Starlette(routes=[Route("/items/{item}", hello)])
    app = watched_starlette(registry, Host("api.example.org", app=inner), Mount("/", app=inner))

    client_of(app).get("/items/7", headers={"Host": "api.example.org"})
    client_of(app).get("/items/7")

    assert counted() == {("GET", "/items/{item}", "200"): 2}


def test_the_path_of_a_proxy_is_no_part_of_the_template(registry: CollectorRegistry, counted: Counted) -> None:
    app = watched_starlette(registry, Mount("/sub", routes=[Route("/items/{item}", hello)]))

    TestClient(app, root_path="/proxy").get("/proxy/sub/items/7")

    assert counted() == {("GET", "/sub/items/{item}", "200"): 1}


def test_another_method_counts_under_the_route(registry: CollectorRegistry, counted: Counted) -> None:
    fast, plain = watched_fastapi(registry), watched_starlette(registry, Route("/plain/{item}", hello))
    fast.get("/items/{item}")(lambda item: item)

    client_of(fast).post("/items/7")
    client_of(plain).post("/plain/7")

    assert set(counted()) == {("POST", "/items/{item}", "405"), ("POST", "/plain/{item}", "405")}


def test_a_slash_redirect_is_unmatched(registry: CollectorRegistry, counted: Counted) -> None:
    app = watched_starlette(registry, Route("/items/{item}", hello))

    client_of(app).get("/items/7/")

    assert counted() == {("GET", "unmatched", "307"): 1}


def test_an_unknown_method_is_other(registry: CollectorRegistry, counted: Counted) -> None:
    client_of(watched_starlette(registry)).request("BREW", "/")

    assert counted() == {("other", "unmatched", "404"): 1}


def test_a_scope_that_was_copied_on_its_way(registry: CollectorRegistry, counted: Counted) -> None:
    app = watched_starlette(registry, Route("/items/{item}", hello))
    app.add_middleware(Copying)
    app.user_middleware.reverse()

    client_of(app).get("/items/7")

    assert counted() == {("GET", "/items/{item}", "200"): 1}


def test_around_the_whole_application(registry: CollectorRegistry, counted: Counted) -> None:
    app = PrometheusMiddleware(Starlette(routes=[Mount("/sub", routes=[Route("/{item}", hello)])]), registry)

    client_of(app).get("/sub/7")

    assert counted() == {("GET", "/sub/{item}", "200"): 1}


def test_an_application_of_another_framework_is_no_error_of_ours(registry: CollectorRegistry, counted: Counted) -> None:
    class Other:
        routes = ("a route of another make",)

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await PlainTextResponse("hello")(scope, receive, send)

    client_of(PrometheusMiddleware(Other(), registry=registry)).get("/somewhere")

    assert counted() == {("GET", "unmatched", "200"): 1}
    errors = {"component": "fastapi_middleware"}
    assert registry.get_sample_value("ai_monitoring_instrumentation_errors_total", errors) == 0
