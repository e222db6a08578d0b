from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import path

from ai_monitoring.web.django.configuration import KEYS, Sessions, configuration, secret_key

WRONG: dict[str, tuple[Any, str]] = {
    "a typo": ({"CLIENT_ADRESS": "full"}, "no key 'CLIENT_ADRESS'; did you mean 'CLIENT_ADDRESS'"),
    "lower case": ({"slow_request_seconds": 3}, "did you mean 'SLOW_REQUEST_SECONDS'"),
    "no dictionary": (["full"], "AI_MONITORING must be a dictionary, not list"),
    "no form": ({"CLIENT_ADDRESS": "whole"}, "AI_MONITORING_CLIENT_ADDRESS: 'whole' is not one of full"),
    "no network": ({"TRUSTED_PROXIES": ["proxy"]}, "AI_MONITORING_TRUSTED_PROXIES: 'proxy'"),
    "no number": ({"SLOW_REQUEST_SECONDS": "slow"}, "AI_MONITORING_SLOW_REQUEST_SECONDS: 'slow' is not a number"),
    "no time": ({"SCRAPE_TIMEOUT_SECONDS": 0}, "AI_MONITORING_SCRAPE_TIMEOUT_SECONDS: '0' is not a number"),
    "no end": ({"SESSION_WINDOW_SECONDS": "inf"}, "AI_MONITORING_SESSION_WINDOW_SECONDS: 'inf' is not a number"),
    "no kind": ({"SESSIONS": "jwt"}, "AI_MONITORING_SESSIONS: 'jwt' is not one of auto, store, users"),
}


@pytest.mark.parametrize(("chosen", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_setting_is_named_with_its_remedy(chosen: Any, message: str) -> None:
    with override_settings(AI_MONITORING=chosen), pytest.raises(ImproperlyConfigured, match=message):
        configuration()


def test_a_wrong_setting_stops_the_project_at_its_start(project: Any) -> None:
    project([path("", lambda request: HttpResponse())], AI_MONITORING={"SESSION": "auto"})

    with pytest.raises(ImproperlyConfigured, match="did you mean 'SESSIONS'"):
        Client().get("/")


def test_settings_lie_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AI_MONITORING_SLOW_REQUEST_SECONDS", "5")
    monkeypatch.setenv("AI_MONITORING_SESSIONS", "users")

    with override_settings(AI_MONITORING={"SLOW_REQUEST_SECONDS": 7}):
        chosen = configuration()

    assert chosen.slow_request_seconds == 7
    assert chosen.sessions is Sessions.USERS


def test_the_defaults_are_those_of_the_documentation() -> None:
    chosen = configuration()

    assert (chosen.slow_request_seconds, chosen.scrape_timeout_seconds) == (3, 2)
    assert (chosen.sessions, chosen.session_window_seconds) == (Sessions.AUTO, 900)


def test_keys_are_in_order() -> None:
    assert list(KEYS) == sorted(KEYS)


def test_a_key_is_made_for_one_purpose() -> None:
    assert secret_key("users") == secret_key("users") != secret_key("address")


@pytest.mark.parametrize("key", ["as text", b"as bytes \xff"])
def test_a_secret_key_may_be_text_or_bytes(key: str | bytes) -> None:
    with override_settings(SECRET_KEY=key):
        secret_key.cache_clear()
        assert len(secret_key("address")) == 32
    secret_key.cache_clear()
