"""A small real Django project a test: its routes, the middlewares under test counting in a registry of their own."""

import itertools
import sys
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any

import django_settings  # noqa: F401  # Django is set up before anything of it is used
import pytest
from django.db import connection, connections
from django.test import override_settings
from prometheus_client import CollectorRegistry

from ai_monitoring.web.django import AuthFailureMiddleware, PrometheusMiddleware, page, sessions

_numbers = itertools.count()
Project = Callable[..., ModuleType]


@pytest.fixture(scope="session", autouse=True)
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The tables of users and sessions, in a file, since readings for the page come from other threads."""
    from django.contrib.auth.models import Group, Permission, User
    from django.contrib.contenttypes.models import ContentType
    from django.contrib.sessions.models import Session

    connections.settings["default"]["NAME"] = str(tmp_path_factory.mktemp("django") / "unit.sqlite3")
    with connection.schema_editor() as editor:
        for model in (ContentType, Permission, Group, User, Session):
            editor.create_model(model)
    yield
    connections.close_all()


@pytest.fixture(autouse=True)
def forget_settings() -> Iterator[None]:
    """What a process works out once from its settings is worked out again in each test."""
    sessions.seen_users.cache_clear()
    page.sources.cache_clear()
    yield
    sessions.seen_users.cache_clear()
    page.sources.cache_clear()


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def value(registry: CollectorRegistry) -> Callable[..., float]:
    """The value of a sample in this test's registry; 0 where there is none."""

    def read(sample: str, **labels: str) -> float:
        return registry.get_sample_value(sample, labels) or 0.0

    return read


@pytest.fixture
def project(registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """Makes a project of these routes, under both middlewares of the house, with any others inside them."""
    opened: list[Any] = []

    def make(urlpatterns: Sequence[Any], middleware: Sequence[Any] = (), **chosen: Any) -> ModuleType:
        module = ModuleType(f"watched_project_{next(_numbers)}")
        module.urlpatterns = urlpatterns  # type: ignore[attr-defined]
        stack = [
            type("Requests", (PrometheusMiddleware,), {"registry": registry}),
            type("Authentication", (AuthFailureMiddleware,), {"registry": registry}),
            *(one for one in middleware if not isinstance(one, str)),
        ]
        for one in stack:
            setattr(module, one.__name__, one)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        names = [f"{module.__name__}.{one.__name__}" for one in stack]
        names += [one for one in middleware if isinstance(one, str)]
        override = override_settings(ROOT_URLCONF=module.__name__, MIDDLEWARE=names, **chosen)
        override.enable()
        opened.append(override)
        return module

    yield make
    for override in reversed(opened):
        override.disable()
