"""How a call failed, by what the provider's error says, which a stream tells after its status was 200."""

from typing import Any, Final

from ai_monitoring.llm.outcome import Status, status_of
from ai_monitoring.llm.reading import field

_KINDS: Final = {
    "api_error": Status.SERVER_ERROR,
    "overloaded_error": Status.SERVER_ERROR,
    "server_error": Status.SERVER_ERROR,
    "timeout_error": Status.TIMEOUT,
    "rate_limit_error": Status.RATE_LIMITED,
    "rate_limit_exceeded": Status.RATE_LIMITED,
    "content_filter": Status.CONTENT_FILTER,
}


def status_of_body(body: Any) -> Status | None:
    """The status that an error's `code` or `type` stands for: https://docs.claude.com/en/api/errors,
    https://platform.openai.com/docs/guides/error-codes. None where they say nothing more than the HTTP status.
    """
    error = field(body, "error") or body
    kinds = (_KINDS.get(str(field(error, name))) for name in ("code", "type"))
    return next((status for status in kinds if status is not None), None)


def status_of_failure(error: BaseException) -> Status:
    return status_of_body(field(error, "body")) or status_of(error)
