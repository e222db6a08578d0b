"""The reasons of authentication failures, told from status and headers."""

import base64
import json
import logging
from time import time
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from ai_monitoring.web.auth import AuthFailures, Reason, is_login, reason_for, token_reason


def encoded(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def jwt(claims: Any, header: Any = None) -> str:
    return f"{encoded(header or {'alg': 'HS256'})}.{encoded(claims)}.c2lnbmF0dXJl"


VALID = jwt({"exp": 4_000_000_000})
PAST = jwt({"exp": 1})


@pytest.mark.parametrize("status", [200, 302, 400, 404, 407, 500])
def test_other_statuses_refuse_nobody(status: int) -> None:
    assert reason_for(status, "Bearer x") is None


@pytest.mark.parametrize(
    ("status", "authorization", "challenge", "reason"),
    [
        (403, None, None, "forbidden"),
        (403, f"Bearer {PAST}", None, "forbidden"),
        (401, None, "Bearer", "missing"),
        (401, "  ", None, "missing"),
        (401, "Basic dTpw", 'Basic realm="x"', "bad_credentials"),
        (401, "Token 123", None, "bad_credentials"),
        (401, "Digest username=u", None, "bad_credentials"),
        (401, "Bearer", None, "malformed"),
        (401, "Bearer nonsense", None, "malformed"),
        (401, f"bearer {VALID}", None, "invalid"),
        (401, f"JWT {PAST}", None, "expired"),
        (401, f"Bearer   {PAST}", None, "expired"),
        (401, "Bearer opaque", 'Bearer error="invalid_token", error_description="The token expired"', "expired"),
        (401, "Bearer opaque", 'Bearer error="invalid_token"', "malformed"),
    ],
)
def test_reasons(status: int, authorization: str | None, challenge: str | None, reason: str) -> None:
    assert reason_for(status, authorization, challenge) == reason


def test_a_refused_login_has_bad_credentials() -> None:
    assert reason_for(401, login=True) is Reason.BAD_CREDENTIALS
    assert reason_for(401, f"Bearer {PAST}", login=True) is Reason.EXPIRED


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b",
        "a.b.c.d",
        "..",
        f"{encoded({'alg': 'none'})}.%%%.sig",
        f"{encoded('not json')}.{encoded({})}.sig",
        f"{encoded({'alg': 'none'})}.{encoded([1])}.sig",
        f"{encoded({'alg': 'none'})}.{encoded('[' * 10_000)}.sig",
        jwt({"name": "x" * 20_000}),
        jwt({}) + "=",
        "é.é.é",
    ],
)
def test_malformed_tokens(token: str) -> None:
    assert token_reason(token) is Reason.MALFORMED


@pytest.mark.parametrize("claims", [{}, {"exp": None}, {"exp": "1"}, {"exp": time() + 86_400}, {"exp": float("nan")}])
def test_tokens_that_have_not_expired_are_invalid(claims: dict[str, Any]) -> None:
    assert token_reason(jwt(claims)) is Reason.INVALID


def test_an_unsigned_token_is_invalid_not_malformed() -> None:
    assert token_reason(jwt({}).rpartition(".")[0] + ".") is Reason.INVALID


@pytest.mark.parametrize(
    ("method", "path", "login"),
    [
        ("POST", "/login", True),
        ("POST", "/api/token/", True),
        ("POST", "/api/Sign-In", True),
        ("GET", "/login", False),
        ("POST", "/items", False),
        ("POST", "/login/items", False),
        ("POST", "/", False),
    ],
)
def test_logins(method: str, path: str, login: bool) -> None:
    assert is_login(method, path) is login


class TestAuthFailures:
    def test_counts_and_logs(self, caplog: pytest.LogCaptureFixture) -> None:
        registry = CollectorRegistry()
        failures = AuthFailures("django", registry)

        with caplog.at_level(logging.WARNING, "ai_monitoring.auth"):
            failures.record(Reason.EXPIRED, "/items/{id}", "192.0.2.0/24")

        assert registry.get_sample_value("django_auth_failures_total", {"reason": "expired"}) == 1
        assert registry.get_sample_value("django_auth_failures_total", {"reason": "missing"}) == 0
        record: Any = caplog.records[0]
        assert record.getMessage() == "Authentication failure: expired at /items/{id} from 192.0.2.0/24"
        assert (record.reason, record.endpoint, record.client) == ("expired", "/items/{id}", "192.0.2.0/24")

    def test_counts_its_own_errors(self) -> None:
        registry = CollectorRegistry()
        AuthFailures("fastapi", registry).failed()

        labels = {"component": "fastapi_auth"}
        assert registry.get_sample_value("ai_monitoring_instrumentation_errors_total", labels) == 1
