import asyncio

import anthropic
import httpx2
import openai
import pytest

from ai_monitoring.llm.outcome import Status, status_of, status_of_name

REQUEST = httpx2.Request("POST", "http://127.0.0.1/")


class QuotaError(Exception):
    status_code = 429


class ReadTimeoutError(Exception):
    pass


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (QuotaError(), Status.RATE_LIMITED),
        (ReadTimeoutError(), Status.TIMEOUT),
        (TimeoutError(), Status.TIMEOUT),
        (ConnectionResetError(), Status.CONNECTION),
        (asyncio.CancelledError(), Status.CANCELLED),
        (GeneratorExit(), Status.ABANDONED),
        (KeyError("x"), Status.ERROR),
        (openai.APITimeoutError(REQUEST), Status.TIMEOUT),
        (anthropic.APIConnectionError(request=REQUEST), Status.CONNECTION),
        (openai.BadRequestError("", response=httpx2.Response(400, request=REQUEST), body=None), Status.INVALID_REQUEST),
        (anthropic.RateLimitError("", response=httpx2.Response(429, request=REQUEST), body=None), Status.RATE_LIMITED),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_an_exception_has_a_status(error: BaseException, status: Status) -> None:
    assert status_of(error) is status


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("401", "authentication"),
        ("403", "authentication"),
        ("404", "invalid_request"),
        ("408", "timeout"),
        ("429", "rate_limited"),
        ("500", "server_error"),
        ("504", "timeout"),
        ("529", "server_error"),
        ("openai.RateLimitError", "rate_limited"),
        ("timeout", "timeout"),
        ("_OTHER", "error"),
        ("openai.InternalServerError", "server_error"),
        ("ServiceUnavailable", "server_error"),
        ("NotFoundError", "invalid_request"),
        ("openai.NotFoundError", "invalid_request"),
        ("FileNotFoundError", "error"),
        ("ThrottlingException", "rate_limited"),
        ("google.api_core.exceptions.InvalidArgument", "invalid_request"),
        ("Unauthorized", "authentication"),
    ],
)
def test_an_error_type_has_a_status(name: str, status: str) -> None:
    assert status_of_name(name).value == status
