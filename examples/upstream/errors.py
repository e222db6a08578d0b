"""How each provider says that a call failed."""

from typing import Any
from uuid import uuid4

from starlette.responses import JSONResponse

# Status: OpenAI's type and code, then Anthropic's type.
_KINDS = {
    400: ("invalid_request_error", None, "invalid_request_error"),
    401: ("invalid_request_error", "invalid_api_key", "authentication_error"),
    403: ("invalid_request_error", "unsupported_country_region_territory", "permission_error"),
    404: ("invalid_request_error", None, "not_found_error"),
    413: ("invalid_request_error", None, "request_too_large"),
    429: ("requests", "rate_limit_exceeded", "rate_limit_error"),
    529: ("server_error", None, "overloaded_error"),
}


def failure(provider: str, status: int, message: str, retry_after: str | None = None) -> JSONResponse:
    """An error in the shape of `provider`, "openai" or "anthropic"."""
    kind, code, anthropic = _KINDS.get(status, ("server_error", None, "api_error"))
    request = f"req_{uuid4().hex[:24]}"
    headers = {"request-id": request, "x-request-id": request} | ({"retry-after": retry_after} if retry_after else {})
    content: dict[str, Any] = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    if provider == "anthropic":
        content = {"type": "error", "error": {"type": anthropic, "message": message}, "request_id": request}
    return JSONResponse(content, status, headers)
