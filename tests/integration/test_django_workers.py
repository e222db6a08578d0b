"""Django with several worker processes, and beside django-prometheus, on real servers."""

import json
import os
import signal
from pathlib import Path
from time import monotonic, sleep

import pytest
from django_service import Service

QUERIES = "django_db_query_duration_seconds_count"
THEIRS = {
    "APPS": ["django_prometheus"],
    "MORE_MIDDLEWARE": [
        "django_prometheus.middleware.PrometheusBeforeMiddleware",
        "django_prometheus.middleware.PrometheusAfterMiddleware",
    ],
    "DATABASES": {"default": {"ENGINE": "django_prometheus.db.backends.sqlite3", "NAME": "service.sqlite3"}},
    "CACHES": {"default": {"BACKEND": "django_prometheus.cache.backends.locmem.LocMemCache"}},
}


def reach_both(service: Service, address: str) -> int:
    """Ask until two workers have answered; how often was asked."""
    workers: set[str] = set()
    asked = 0
    deadline = monotonic() + 30
    while len(workers) < 2:
        assert monotonic() < deadline, service.log()
        workers.add(service.get(address))
        asked += 1
    return asked


def agreed(service: Service, sessions: int) -> list[dict[str, float]]:
    """Six pages in a row with that many sessions: a busy machine's slow readings stand for a while."""
    deadline = monotonic() + 60
    while monotonic() < deadline:
        pages = [service.scrape() for _ in range(6)]
        if all(page.get("django_sessions_active") == sessions for page in pages):
            return pages
    raise AssertionError([page.get("django_sessions_active") for page in pages])


@pytest.mark.parametrize("server", ["gunicorn", "uvicorn"])
def test_every_worker_is_counted_and_the_rest_once(tmp_path: Path, server: str) -> None:
    with Service(tmp_path, server, workers=2) as service:
        asked = reach_both(service, "/items/7/")
        for _ in range(3):
            service.client.cookies.clear()
            service.get("/session/")
        pages = agreed(service, 3)

    for page in pages:
        assert page["django_requests_total{/items/<int:pk>/,GET,200}"] == asked
        assert page["django_requests_in_progress"] == 0
        assert page["django_auth_failures_total{missing}"] == 0
        assert not any("/metrics/" in name for name in page)


def test_users_are_counted_once_over_all_workers(tmp_path: Path) -> None:
    settings = json.dumps({"AI_MONITORING": {"SESSIONS": "users"}})
    with Service(tmp_path, "gunicorn", workers=2, SETTINGS=settings) as service:
        for name in ("ada", "grace", "alan"):
            reach_both(service, f"/as/{name}/")
        agreed(service, 3)


def test_a_worker_that_was_killed_leaves_nothing_in_progress(tmp_path: Path) -> None:
    with Service(tmp_path, "gunicorn", workers=2) as service:
        reach_both(service, "/items/7/")
        os.kill(int(service.get("/items/7/")), signal.SIGKILL)
        sleep(1)
        page = service.scrape()

    assert page["django_requests_in_progress"] == 0


@pytest.mark.parametrize(
    ("workers", "first"), [(1, "ai_monitoring.web.django"), (1, "django_prometheus.db"), (1, ""), (2, "")]
)
def test_django_prometheus_keeps_working_beside_it(tmp_path: Path, workers: int, first: str) -> None:
    environ = {"SETTINGS": json.dumps(THEIRS), "IMPORT_FIRST": first}
    with Service(tmp_path, "gunicorn", workers, **environ) as service:
        for _ in range(4):
            service.get("/query/")
        page = service.scrape()

    assert page["django_requests_total{/query/,GET,200}"] == 4
    assert page["django_http_requests_total_by_method_total{GET}"] >= 4
    assert page["django_cache_get_total{locmem}"] == 4
    assert page["django_db_execute_total{default,sqlite}"] >= 4
    # The time of a query is theirs alone.
    assert page[QUERIES + "{default,sqlite}"] == page["django_db_execute_total{default,sqlite}"]
    assert QUERIES + "{default}" not in page


@pytest.mark.parametrize("workers", [1, 2])
def test_aliases_that_django_prometheus_does_not_time_are_timed(tmp_path: Path, workers: int) -> None:
    settings = {
        **THEIRS,
        "DATABASES": {
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "service.sqlite3"},
            "theirs": {"ENGINE": "django_prometheus.db.backends.sqlite3", "NAME": "theirs.sqlite3"},
        },
    }
    with Service(tmp_path, "gunicorn", workers, SETTINGS=json.dumps(settings)) as service:
        for _ in range(4):
            service.get("/query/")
        lines = service.get("/metrics/").splitlines()
        page = service.scrape()

    assert page[QUERIES + "{default}"] == 4
    names = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(names) == len(set(names))
