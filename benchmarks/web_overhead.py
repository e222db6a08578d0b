"""What a metrics middleware adds to a trivial request: ours beside its peers, in one run.

    pip install --group bench -e . && python benchmarks/web_overhead.py [--rounds 60] [--requests 200]

Every contestant serves the same application and the same request, in process and without sockets, each with metrics of
its own. They take turns round by round; what counts is the median, over the rounds, of a contestant's time beyond that
of the bare application in the same round. Every request carries a `traceparent`, so that exemplars are recorded.
"""

import argparse
import asyncio
import subprocess
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any, Final

import django
import django_prometheus
import prometheus_fastapi_instrumentator
import starlette_exporter
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, JsonResponse
from django.test import RequestFactory, override_settings
from django.urls import path
from fastapi import FastAPI
from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.web import asgi

TRACEPARENT: Final = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
FRAMEWORKS: Final = ("django", "fastapi", "flask", "starlette", "streamlit")

Round = Callable[[int], float]
"""Serves that many requests, and says how many seconds it took."""


def bare_asgi() -> FastAPI:
    app = FastAPI()

    @app.get("/items/{item}")
    async def item(item: int) -> dict[str, int]:
        return {"item": item}

    return app


def instrumentator() -> FastAPI:
    app = bare_asgi()
    prometheus_fastapi_instrumentator.Instrumentator(registry=CollectorRegistry()).instrument(app)
    return app


def exporter() -> FastAPI:
    app = bare_asgi()
    app.add_middleware(starlette_exporter.PrometheusMiddleware)
    return app


def ours_asgi(registry: CollectorRegistry) -> FastAPI:
    app = bare_asgi()
    app.add_middleware(asgi.PrometheusMiddleware, registry=registry)
    return app


def ours_asgi_with_auth() -> FastAPI:
    app = ours_asgi(registry := CollectorRegistry())
    app.add_middleware(asgi.AuthFailureMiddleware, registry=registry)
    return app


def asgi_round(app: Any, loop: asyncio.AbstractEventLoop) -> Round:
    template = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/items/7",
        "raw_path": b"/items/7",
        "query_string": b"",
        "root_path": "",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    headers = {"host": "localhost", "user-agent": "benchmark", "accept": "*/*", "traceparent": TRACEPARENT}
    raw_headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        pass

    async def serve(requests: int) -> float:
        start = perf_counter()
        for _ in range(requests):
            await app({**template, "headers": raw_headers}, receive, send)
        return perf_counter() - start

    return lambda requests: loop.run_until_complete(serve(requests))


def django_item(request: HttpRequest, item: int) -> JsonResponse:
    return JsonResponse({"item": item})


urlpatterns = [path("items/<int:item>", django_item)]


def django_round(*middleware: str) -> Round:
    with override_settings(MIDDLEWARE=list(middleware)):
        handler = WSGIHandler()
    environ = RequestFactory().get("/items/7", headers={"traceparent": TRACEPARENT}).environ

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        return lambda data: None

    def serve(requests: int) -> float:
        start = perf_counter()
        for _ in range(requests):
            response = handler(dict(environ), start_response)
            b"".join(response)
            response.close()
        return perf_counter() - start

    return serve


def asgi_rounds(loop: asyncio.AbstractEventLoop, registry: CollectorRegistry) -> dict[str, Round]:
    apps = {
        "bare FastAPI": bare_asgi(),
        "ours": ours_asgi(registry),
        "ours with AuthFailureMiddleware": ours_asgi_with_auth(),
        "prometheus-fastapi-instrumentator": instrumentator(),
        "starlette-exporter": exporter(),
    }
    return {name: asgi_round(app, loop) for name, app in apps.items()}


def django_rounds() -> dict[str, Round]:
    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="benchmark", LOGGING_CONFIG=None)
    django.setup()
    ours = "ai_monitoring.web.django.PrometheusMiddleware"
    peer = "django_prometheus.middleware.Prometheus{}Middleware"
    return {
        "bare Django": django_round(),
        "ours": django_round(ours),
        "ours with AuthFailureMiddleware": django_round(ours, "ai_monitoring.web.django.AuthFailureMiddleware"),
        "django-prometheus": django_round(peer.format("Before"), peer.format("After")),
    }


def added(contestants: dict[str, Round], rounds: int, requests: int) -> dict[str, float]:
    """Microseconds that each adds to a request; for the first, the bare application, what a request takes."""
    for serve in contestants.values():
        serve(requests)
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, serve in contestants.items():
            times[name].append(serve(requests) / requests * 1e6)
    bare, *others = contestants
    medians = {bare: median(times[bare])}
    for name in others:
        medians[name] = median(time - base for time, base in zip(times[name], times[bare], strict=True))
    return medians


def show(title: str, microseconds: dict[str, float], peer: str, target: float) -> None:
    bare, *others = microseconds
    ours = microseconds["ours"]
    print(f"\n{title}: one request takes {microseconds[bare]:.1f} µs bare; added to it:\n")
    print(f"{'':36}{'µs':>8}{'of ours':>10}")
    for name in others:
        print(f"{name:36}{microseconds[name]:8.1f}{microseconds[name] / ours:9.1f}x")
    ratio = microseconds[peer] / ours
    verdict = "reached" if ratio >= target else "MISSED"
    print(f"\ntarget: at most 1/{target:g} of {peer}; measured: 1/{ratio:.1f}: {verdict}")


def has_exemplars(registry: CollectorRegistry, name: str) -> bool:
    families = [family for family in registry.collect() if family.name == name]
    return any(sample.exemplar for family in families for sample in family.samples)


def import_time() -> None:
    code = f"""
import sys, time
start = time.perf_counter()
import ai_monitoring
print((time.perf_counter() - start) * 1000, *sorted(set({FRAMEWORKS!r}) & set(sys.modules)))
"""
    answers = [subprocess.check_output([sys.executable, "-c", code], text=True).split() for _ in range(5)]
    milliseconds = median(float(answer[0]) for answer in answers)
    loaded = ", ".join(answers[0][1:]) or "none"
    print(f"\nimport ai_monitoring: {milliseconds:.1f} ms (target: under 100); web frameworks loaded: {loaded}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=60, help="turns of each contestant (default: %(default)s)")
    parser.add_argument("--requests", type=int, default=200, help="requests a turn (default: %(default)s)")
    options = parser.parse_args()
    versions = [f"fastapi-instrumentator {prometheus_fastapi_instrumentator.__version__}"]
    versions.append(f"django-prometheus {django_prometheus.__version__}")
    print(f"Python {sys.version.split()[0]}, {', '.join(versions)}")

    loop, registry = asyncio.new_event_loop(), CollectorRegistry()
    microseconds = added(asgi_rounds(loop, registry), options.rounds, options.requests)
    loop.close()
    show("ASGI", microseconds, "prometheus-fastapi-instrumentator", 5)
    microseconds = added(django_rounds(), options.rounds, options.requests)
    show("Django (WSGI)", microseconds, "django-prometheus", 6)

    recorded = has_exemplars(registry, "fastapi_request_duration_seconds")
    recorded_django = has_exemplars(REGISTRY, "django_request_duration_seconds")
    print(f"\nexemplars recorded by ours: ASGI {recorded}, Django {recorded_django}")
    import_time()


if __name__ == "__main__":
    main()
