import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client
from django.urls import path
from django.utils import translation
from prometheus_client import CollectorRegistry
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import IsAdminUser, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from ai_monitoring.web.auth import Reason
from ai_monitoring.web.intrusion import Kind

Value = Callable[..., float]
Failures = Callable[[], dict[str, float]]


class Protected(APIView):  # type: ignore[misc]
    authentication_classes = (JWTAuthentication,)
    permission_classes = (IsAuthenticated,)

    def get(self, request: Any) -> Response:
        return Response({"user": request.user.pk})


class Staff(Protected):
    permission_classes = (IsAdminUser,)


class Sessions(Protected):
    authentication_classes = (SessionAuthentication,)


def api_login(request: HttpRequest) -> HttpResponse:
    user = authenticate(request, username=request.POST["username"], password=request.POST["password"])
    return HttpResponse(status=401 if user is None else 200)


def sloppy_login(request: HttpRequest) -> HttpResponse:
    """Asks twice, and tells Django of no request."""
    for _ in range(2):
        user = authenticate(username=request.POST["username"], password=request.POST["password"])
    return HttpResponse("try again" if user is None else "welcome")


async def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


ROUTES = [
    path("form/", LoginView.as_view(template_name="form.html")),
    path("login/", api_login),
    path("sloppy/", sloppy_login),
    path("token/", TokenObtainPairView.as_view()),
    path("token/refresh/", TokenRefreshView.as_view()),
    path("protected/", Protected.as_view()),
    path("staff/", Staff.as_view()),
    path("sessions/", Sessions.as_view()),
    path("forbidden/", forbidden),
    path("wp-login.php", lambda request: HttpResponse("ours")),
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", {"form.html": "{{ form.errors }}"})]},
    }
]
WRONG = {"username": "ada", "password": "wrong"}


@pytest.fixture
def failures(registry: CollectorRegistry) -> Failures:
    """The reasons that were counted, and how often."""

    def read() -> dict[str, float]:
        family = next(family for family in registry.collect() if family.name == "django_auth_failures")
        return {sample.labels["reason"]: sample.value for sample in family.samples if sample.value}

    return read


@pytest.fixture
def user() -> Iterator[User]:
    user = User.objects.create(username="ada")
    yield user
    user.delete()


@pytest.fixture
def watched(project: Any) -> Any:
    return project(ROUTES, ["django.contrib.sessions.middleware.SessionMiddleware"], TEMPLATES=TEMPLATES)


def bearer(token: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def expired(token: Any) -> Any:
    token.set_exp(lifetime=-timedelta(minutes=1))
    return token


def test_all_reasons_and_kinds_are_there_at_0(watched: Any, registry: CollectorRegistry) -> None:
    Client().get("/wp-login.php")

    for name, label, values in (
        ("django_auth_failures_total", "reason", Reason),
        ("django_intrusion_attempts_total", "kind", Kind),
    ):
        assert [registry.get_sample_value(name, {label: value}) for value in values] == [0] * len(values)


def test_a_login_form_that_answers_200_counts(watched: Any, failures: Failures) -> None:
    assert Client().post("/form/", WRONG).status_code == 200
    assert failures() == {"bad_credentials": 1}


@pytest.mark.parametrize(("address", "status"), [("/login/", 401), ("/token/", 401), ("/sloppy/", 200)])
def test_a_failed_login_counts_once(watched: Any, failures: Failures, address: str, status: int) -> None:
    assert Client().post(address, WRONG).status_code == status
    assert failures() == {"bad_credentials": 1}


async def test_a_failed_login_counts_once_under_asgi(watched: Any, failures: Failures) -> None:
    response: Any = await AsyncClient().post("/login/", WRONG)
    assert response.status_code == 401
    assert failures() == {"bad_credentials": 1}


def test_a_login_outside_any_request_is_not_counted(watched: Any, failures: Failures) -> None:
    Client().get("/wp-login.php")
    authenticate(username="ada", password="wrong")

    assert failures() == {}


def test_a_good_token_is_no_failure(watched: Any, failures: Failures, user: User) -> None:
    assert Client().get("/protected/", headers=bearer(AccessToken.for_user(user))).status_code == 200
    assert failures() == {}


@pytest.mark.parametrize(
    ("address", "status", "headers", "reason"),
    [
        ("/protected/", 401, {}, "missing"),
        ("/sessions/", 403, {}, "missing"),
        ("/protected/", 401, bearer("not.a.token"), "malformed"),
        ("/protected/", 401, {"authorization": "Bearer"}, "malformed"),
        ("/forbidden/", 403, {}, "forbidden"),
    ],
)
def test_a_refusal_counts_under_its_reason(
    watched: Any, failures: Failures, address: str, status: int, headers: dict[str, str], reason: str
) -> None:
    assert Client().get(address, headers=headers).status_code == status
    assert failures() == {reason: 1}


async def test_a_refusal_counts_under_asgi(watched: Any, failures: Failures) -> None:
    response: Any = await AsyncClient().get("/forbidden/")
    assert response.status_code == 403
    assert failures() == {"forbidden": 1}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_tokens_that_are_refused_are_told_apart(watched: Any, failures: Failures, user: User, language: str) -> None:
    good = str(AccessToken.for_user(user))
    with translation.override(language):
        Client().get("/protected/", headers=bearer(expired(AccessToken.for_user(user))))
        Client().get("/protected/", headers=bearer(good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB")))
        Client().get("/staff/", headers=bearer(good))
        Client().post("/token/refresh/", {"refresh": str(expired(RefreshToken.for_user(user)))})
        Client().post("/token/refresh/", {"refresh": "nonsense"})

    assert failures() == {"expired": 2, "invalid": 2, "forbidden": 1}


def test_a_failure_is_a_log_line_with_the_address_as_set(project: Any, caplog: pytest.LogCaptureFixture) -> None:
    project(ROUTES, AI_MONITORING={"CLIENT_ADDRESS": "full", "TRUSTED_PROXIES": ["127.0.0.0/8"]})
    with caplog.at_level(logging.WARNING, logger="ai_monitoring.auth"):
        Client().get("/protected/", headers={"x-forwarded-for": "203.0.113.9"})

    record: Any = caplog.records[0]
    assert record.getMessage() == "Authentication failure: missing at /protected/ from 203.0.113.9"
    assert (record.reason, record.endpoint, record.client) == ("missing", "/protected/", "203.0.113.9")


def test_addresses_are_shortened_unless_a_project_says_otherwise(
    watched: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="ai_monitoring.auth"):
        Client(REMOTE_ADDR="203.0.113.9").get("/protected/")

    assert caplog.records[0].client == "203.0.113.0/24"  # type: ignore[attr-defined]


def test_a_hashed_address_is_the_same_in_every_worker(project: Any, caplog: pytest.LogCaptureFixture) -> None:
    project(ROUTES, AI_MONITORING={"CLIENT_ADDRESS": "hashed"})
    with caplog.at_level(logging.WARNING, logger="ai_monitoring.auth"):
        for _ in range(2):
            Client(REMOTE_ADDR="203.0.113.9").get("/protected/")

    first, second = (vars(record)["client"] for record in caplog.records if record.name == "ai_monitoring.auth")
    assert first == second
    assert "203" not in first


def test_a_probe_counts_and_is_a_log_line_without_its_payload(
    watched: Any, value: Value, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="ai_monitoring.auth"):
        Client(REMOTE_ADDR="203.0.113.9").get("/wp-login.php?file=../../../../etc/passwd")

    assert value("django_intrusion_attempts_total", kind="traversal") == 1
    record: Any = caplog.records[0]
    assert record.getMessage() == "Intrusion attempt: traversal at /wp-login.php from 203.0.113.0/24"
    assert (record.kind, record.endpoint, record.client) == ("traversal", "/wp-login.php", "203.0.113.0/24")


def test_a_request_counts_once_by_its_gravest_kind(
    watched: Any, value: Value, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="ai_monitoring.auth"):
        Client(headers={"user-agent": "sqlmap/1.8"}).get("/?file=../../../../etc/passwd")

    assert {kind: value("django_intrusion_attempts_total", kind=kind) for kind in Kind} == {
        Kind.INJECTION: 0,
        Kind.TRAVERSAL: 1,
        Kind.XSS: 0,
        Kind.SCANNER: 0,
    }
    assert [vars(record)["kind"] for record in caplog.records if record.name == "ai_monitoring.auth"] == ["traversal"]


@pytest.mark.parametrize(("address", "attempts"), [("/wp-login.php", 0), ("/wp-admin/", 1)])
def test_a_scanner_asks_for_what_is_not_there(watched: Any, value: Value, address: str, attempts: int) -> None:
    Client().get(address)
    assert value("django_intrusion_attempts_total", kind="scanner") == attempts


def test_an_error_of_ours_does_not_reach_the_application(
    watched: Any, value: Value, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr("ai_monitoring.web.intrusion.kinds", broken)

    assert Client().get("/wp-login.php").status_code == 200
    assert value("ai_monitoring_instrumentation_errors_total", component="django_auth") == 1
