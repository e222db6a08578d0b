from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import ProgrammingError, connection
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.utils import OperationalError

from ai_monitoring.web.django import queries


@pytest.fixture(autouse=True)
def watched() -> Iterator[None]:
    queries.install()
    yield
    connection.close()


def timed() -> float:
    value = queries.REGISTRY.get_sample_value("django_db_query_duration_seconds_count", {"alias": "default"})
    return value or 0.0


def test_a_query_is_timed_by_its_alias() -> None:
    before = timed()
    assert User.objects.filter(username="nobody").first() is None

    assert timed() == before + 1


def test_a_query_is_timed_once_after_reconnecting_and_installing_again() -> None:
    list(User.objects.all())
    connection.close()
    queries.install()
    before = timed()
    list(User.objects.all())

    assert timed() == before + 1


def test_a_failed_query_is_timed_and_raises() -> None:
    before = timed()
    with connection.cursor() as cursor, pytest.raises((OperationalError, ProgrammingError)):
        cursor.execute("SELECT * FROM nothing")

    assert timed() == before + 1


def test_a_block_with_a_wrapper_of_its_own_ends_with_that_wrapper() -> None:
    def wrapper(execute: Callable[..., Any], *arguments: Any) -> Any:
        seen.append(arguments[0])
        return execute(*arguments)

    def in_a_new_connection() -> None:
        with connection.execute_wrapper(wrapper):
            list(User.objects.all())
        list(User.objects.all())
        left.extend(connection.execute_wrappers)
        connection.close()

    seen: list[str] = []
    left: list[Any] = []
    thread = Thread(target=in_a_new_connection)
    thread.start()
    thread.join()

    assert len(seen) == 1
    assert wrapper not in left
    assert len(left) == 1


def test_our_own_readings_are_not_timed() -> None:
    def read() -> None:
        list(User.objects.all())
        connection.close()

    before = timed()
    thread = Thread(target=read, name=queries.SCRAPE_THREAD)
    thread.start()
    thread.join()

    assert timed() == before


def test_a_back_end_of_django_prometheus_times_its_own() -> None:
    class Theirs(DatabaseWrapper):
        __module__ = "django_prometheus.db.backends.sqlite3.base"

    assert queries.timed_by_django_prometheus(Theirs(connection.settings_dict, "theirs"))
    assert not queries.timed_by_django_prometheus(connection)
