"""A watched Django project on a real server, for the tests: `Service(folder, "gunicorn", workers=2)`."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Self

import httpx2
from prometheus_client.parser import text_string_to_metric_families as parse

PROJECT = """
import json
import os
import sys
from types import SimpleNamespace

import django
from django.conf import settings

for name in filter(None, os.environ.get("IMPORT_FIRST", "").split(",")):
    __import__(name)

chosen = json.loads(os.environ.get("SETTINGS", "{}"))
watch = ["ai_monitoring.web.django.PrometheusMiddleware", "ai_monitoring.web.django.AuthFailureMiddleware"]
settings.configure(**{
    "SECRET_KEY": "only for tests",
    "ROOT_URLCONF": __name__,
    "ALLOWED_HOSTS": ["*"],
    "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "service.sqlite3"}},
    "INSTALLED_APPS": ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions",
                       *chosen.pop("APPS", [])],
    "MIDDLEWARE": [*watch, *chosen.pop("MORE_MIDDLEWARE", []), "django.contrib.sessions.middleware.SessionMiddleware"],
    "USE_TZ": True,
    **chosen,
})
django.setup()

from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpResponse
from django.urls import path

from ai_monitoring.web.django import metrics_view

def item(request, pk):
    return HttpResponse(str(os.getpid()))

def session(request):
    request.session["here"] = True
    return HttpResponse()

def seen(request, name):
    request.user = SimpleNamespace(pk=name, is_authenticated=True)
    return HttpResponse(str(os.getpid()))

def query(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    cache.get("nothing")
    return HttpResponse()

def wait(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(2)")
    return HttpResponse()

urlpatterns = [
    path("items/<int:pk>/", item), path("session/", session), path("as/<str:name>/", seen), path("query/", query),
    path("wait/", wait), path("metrics/", metrics_view),
]
wsgi, asgi = WSGIHandler(), ASGIHandler()

if __name__ == "__main__":
    with connection.schema_editor() as editor:
        editor.create_model(Session)
"""


class Service:
    """Runs the project until the `with` block ends. `settings` is JSON for its Django settings."""

    def __init__(self, folder: Path, server: str = "gunicorn", workers: int = 1, **environ: str) -> None:
        self._folder = folder
        self._server = server
        self._workers = workers
        self._environ = {**os.environ, "PYTHONPATH": str(folder), **environ}
        if workers > 1:
            (folder / "multiproc").mkdir()
            self._environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder / "multiproc")
        (folder / "service.py").write_text(PROJECT, encoding="utf-8")

    def __enter__(self) -> Self:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        subprocess.run([sys.executable, "service.py"], cwd=self._folder, env=self._plain(), check=True)
        self._log = (self._folder / "log").open("wb")
        self._process = subprocess.Popen(
            self._command(port), cwd=self._folder, env=self._environ, stdout=self._log, stderr=self._log
        )
        self.client = httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
        self._await_start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()
        self._process.terminate()
        self._process.wait(20)
        self._log.close()

    def get(self, address: str) -> str:
        """The answer's text, over a connection of its own, so that any worker may answer."""
        response = self.client.get(address, headers={"Connection": "close"})
        assert response.status_code == 200, f"{address}: {response.status_code}\n{self.log()}"
        return response.text

    def scrape(self) -> dict[str, float]:
        """The page's samples, such as `django_requests_total{/query/,GET,200}`: values in the order of label names."""
        families = parse(self.get("/metrics/"))
        return {_name(sample.name, sample.labels): sample.value for family in families for sample in family.samples}

    def log(self) -> str:
        return (self._folder / "log").read_text(encoding="utf-8", errors="replace")

    def _plain(self) -> dict[str, str]:
        return {name: value for name, value in self._environ.items() if name != "PROMETHEUS_MULTIPROC_DIR"}

    def _command(self, port: int) -> list[str]:
        command = [sys.executable, "-m", self._server, f"--workers={self._workers}"]
        if self._server == "gunicorn":
            return [*command, "--bind", f"127.0.0.1:{port}", "--threads=2", "service:wsgi"]
        return [*command, "--port", str(port), "--lifespan=off", "service:asgi"]

    def _await_start(self) -> None:
        deadline = monotonic() + 30
        while monotonic() < deadline and self._process.poll() is None:
            try:
                if self.client.get("/metrics/").status_code == 200:
                    return
            except httpx2.TransportError:
                sleep(0.1)
        raise RuntimeError(f"the service did not start\n{self.log()}")


def _name(name: str, labels: dict[str, str]) -> str:
    return f"{name}{{{','.join(labels[label] for label in sorted(labels))}}}" if labels else name
