"""FastAPI and Starlette applications under AuthFailureMiddleware."""

import base64
import json
import logging
import os
import subprocess
import sys
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from ai_monitoring.web.asgi import AuthFailureMiddleware
from ai_monitoring.web.client import AddressForm, ClientAddress


def client_of(app: Any) -> TestClient:
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)


def failures(registry: CollectorRegistry) -> dict[str, float]:
    """The authentication failures counted, by reason."""
    return {
        sample.labels["reason"]: sample.value
        for family in registry.collect()
        for sample in family.samples
        if sample.name == "fastapi_auth_failures_total"
    }


def jwt(**claims: Any) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, "c2lnbmF0dXJl"])


@pytest.fixture
def app(registry: CollectorRegistry) -> FastAPI:
    app = FastAPI()
    address = ClientAddress(AddressForm.FULL, trusted=["10.0.0.0/8"])
    app.add_middleware(AuthFailureMiddleware, registry=registry, client_address=address)

    @app.api_route("/api/{item}", methods=["GET"])
    @app.api_route("/{item}/token", methods=["POST"])
    def refuse(item: str) -> None:
        raise HTTPException(403 if item == "forbidden" else 401)

    app.get("/open")(lambda: "open")
    return app


def test_every_reason_stands_at_0_from_the_start(app: FastAPI, registry: CollectorRegistry) -> None:
    assert client_of(app).get("/open").status_code == 200

    assert failures(registry) == dict.fromkeys(
        ("bad_credentials", "missing", "expired", "invalid", "malformed", "forbidden"), 0
    )


@pytest.mark.parametrize(
    ("method", "path", "authorization", "reason"),
    [
        ("GET", "/api/forbidden", None, "forbidden"),
        ("GET", "/api/7", None, "missing"),
        ("GET", "/api/7", "Basic dXNlcjpwYXNz", "bad_credentials"),
        ("GET", "/api/7", "Bearer not-a-jwt", "malformed"),
        ("GET", "/api/7", f"Bearer {jwt(exp=1)}", "expired"),
        ("GET", "/api/7", f"Bearer {jwt(exp=4_000_000_000)}", "invalid"),
        ("POST", "/v1/token", None, "bad_credentials"),
    ],
)
def test_reasons(
    app: FastAPI, registry: CollectorRegistry, method: str, path: str, authorization: str | None, reason: str
) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    client_of(app).request(method, path, headers=headers)

    counted = failures(registry)
    assert {name for name, value in counted.items() if value} == {reason}


def test_a_failure_in_a_watched_sub_application_counts_once(app: FastAPI, registry: CollectorRegistry) -> None:
    outer = FastAPI()
    outer.mount("/inner", app)
    outer.add_middleware(AuthFailureMiddleware, registry=registry)
    client_of(outer).get("/inner/api/7")

    assert failures(registry)["missing"] == 1


def test_a_log_line_has_the_client_and_not_the_token(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    token = jwt(exp=1)
    client = TestClient(app, client=("10.0.0.1", 1234))
    with caplog.at_level(logging.DEBUG):
        client.get("/api/7", headers={"Authorization": f"Bearer {token}", "X-Forwarded-For": "203.0.113.9"})

    record: Any = next(record for record in caplog.records if record.name == "ai_monitoring.auth")
    assert record.getMessage() == "Authentication failure: expired at /api/{item} from 203.0.113.9"
    assert (record.reason, record.endpoint, record.client) == ("expired", "/api/{item}", "203.0.113.9")
    assert token not in caplog.text


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("AI_MONITORING_CLIENT_ADDRESS", "'nonsense' is not one of full, shortened, hashed"),
        ("AI_MONITORING_TRUSTED_PROXIES", "it takes networks such as 10.0.0.0/8,::1, or unix"),
        ("AI_MONITORING_SLOW_REQUEST_SECONDS", "'nonsense' is not a number of seconds"),
    ],
)
def test_a_wrong_setting_stops_the_start(variable: str, message: str) -> None:
    start = subprocess.run(
        [sys.executable, "-c", "import ai_monitoring.web.asgi"],
        env={**os.environ, variable: "nonsense"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert start.returncode == 1
    assert f"ValueError: {variable}: " in start.stderr
    assert message in start.stderr
