"""`django_sessions_active`: rows of the session store, or with JWT the users of the requests of a window."""

import os
from collections.abc import Iterable
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.functional import LazyObject, empty
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric as Family

from ai_monitoring.metrics.catalog import CATALOG
from ai_monitoring.web.django.configuration import Sessions, configuration, secret_key
from ai_monitoring.web.django.readings import Source
from ai_monitoring.web.django.users import SeenUsers, SharedUsers

NAME = "django_sessions_active"


def source() -> Source:
    return Source("django_sessions", _families)


@lru_cache(maxsize=1)
def seen_users() -> SeenUsers | None:
    """The users seen, one record a process; None where sessions are what is counted."""
    chosen = configuration()
    if chosen.sessions is Sessions.STORE or (chosen.sessions is Sessions.AUTO and not uses_jwt()):
        return None
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    key, window = secret_key("users"), chosen.session_window_seconds
    return SharedUsers(key, window, Path(folder)) if folder else SeenUsers(key, window)


def uses_jwt() -> bool:
    """Whether an application, or one of the REST framework's default authentication classes, is about JWT."""
    framework: Any = getattr(settings, "REST_FRAMEWORK", None) or {}
    classes = framework.get("DEFAULT_AUTHENTICATION_CLASSES") or ()
    return any("jwt" in str(path).lower() for path in (*settings.INSTALLED_APPS, *classes))


def user_of(request: Any) -> object | None:
    """The primary key of the user whom this request was already found to come from; never asks the database."""
    user = request.__dict__.get("user")
    if isinstance(user, LazyObject) and user.__dict__.get("_wrapped", empty) is empty:
        return None
    return user.pk if user is not None and user.is_authenticated else None


def _families() -> Iterable[Family] | None:
    users = seen_users()
    count = users.count() if users is not None else _stored_sessions()
    return None if count is None else [GaugeMetricFamily(NAME, CATALOG[NAME].help, value=count)]


def _stored_sessions() -> int | None:
    """Sessions that have not expired, by the database's own rows; None for a store that cannot count."""
    model = _model()
    if model is None:
        return None
    return int(model.objects.filter(expire_date__gt=timezone.now()).count())


def _model() -> Any:
    """The session model of a store that keeps its sessions in the database; None for the others."""
    if not any("sessions" in name.lower() for name in settings.MIDDLEWARE):
        return None
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore
    try:
        return store.get_model_class()
    except (AttributeError, RuntimeError):  # a store without a model, or one whose application is not installed
        return None
