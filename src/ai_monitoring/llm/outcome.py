"""How a call ended: the closed set of values that the label `status` takes."""

import asyncio
from enum import StrEnum


class Status(StrEnum):
    """`abandoned` is a stream whose reader stopped, `cancelled` a task that was cancelled: neither is an error."""

    OK = "ok"
    RATE_LIMITED = "rate_limited"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    AUTHENTICATION = "authentication"
    INVALID_REQUEST = "invalid_request"
    CONTENT_FILTER = "content_filter"
    SERVER_ERROR = "server_error"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"
    ERROR = "error"


_NAMES = (
    ("timeout", Status.TIMEOUT),
    ("ratelimit", Status.RATE_LIMITED),
    ("toomanyrequests", Status.RATE_LIMITED),
    ("throttl", Status.RATE_LIMITED),
    ("resourceexhausted", Status.RATE_LIMITED),
    ("deadlineexceeded", Status.TIMEOUT),
    ("overloaded", Status.SERVER_ERROR),
    ("servererror", Status.SERVER_ERROR),
    ("serviceunavailable", Status.SERVER_ERROR),
    ("authentication", Status.AUTHENTICATION),
    ("permissiondenied", Status.AUTHENTICATION),
    ("accessdenied", Status.AUTHENTICATION),
    ("unauthorized", Status.AUTHENTICATION),
    ("contentfilter", Status.CONTENT_FILTER),
    ("badrequest", Status.INVALID_REQUEST),
    ("invalidrequest", Status.INVALID_REQUEST),
    ("invalidargument", Status.INVALID_REQUEST),
    ("unprocessableentity", Status.INVALID_REQUEST),
    (" notfounderror", Status.INVALID_REQUEST),  # and no FileNotFoundError
    ("connect", Status.CONNECTION),
    ("network", Status.CONNECTION),
    ("protocolerror", Status.CONNECTION),
)
"""What an exception's class is called in the SDKs, LiteLLM, gRPC and botocore; the first that is found holds."""


def status_of(error: BaseException) -> Status:
    """The status of a call that ended in this exception: by its HTTP status where it has one, else by its class."""
    if isinstance(error, asyncio.CancelledError):
        return Status.CANCELLED
    if isinstance(error, GeneratorExit):
        return Status.ABANDONED
    code = getattr(error, "status_code", None)
    if isinstance(code, int) and code >= 400:
        return status_of_code(code)
    return status_of_name(" ".join(cls.__name__ for cls in type(error).__mro__))


def status_of_name(name: str) -> Status:
    """The status by an exception's class, or by an HTTP status, as OpenTelemetry's `error.type` holds either."""
    if name.isdecimal() and len(name) == 3:
        return status_of_code(int(name))
    lower = f" {name.lower().replace('.', ' ')}"
    return next((status for part, status in _NAMES if part in lower), Status.ERROR)


def status_of_code(code: int) -> Status:
    """The status of a call that was answered with this HTTP status, 400 or above."""
    match code:
        case 401 | 403:
            return Status.AUTHENTICATION
        case 408 | 504:
            return Status.TIMEOUT
        case 429:
            return Status.RATE_LIMITED
        case _:
            return Status.SERVER_ERROR if code >= 500 else Status.INVALID_REQUEST
