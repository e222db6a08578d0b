"""What a request's headers order: how long the answer takes, what it counts, how it fails."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Orders:
    """The `x-demo-…` headers of one request, as the package describes them. Times in seconds; None is "not ordered"."""

    latency: float = 0.0
    token_delay: float = 0.0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    usage: str = ""
    status: int | None = None
    retry_after: str | None = None
    error_after: int | None = None
    cut_after: int | None = None
    hang_after: int | None = None
    embedding: str = ""


ORDERS = frozenset(
    f"x-demo-{name.replace('_', '-')}" for name in (*Orders.__dataclass_fields__, "retry_after", "fail_first")
)
"""The names of the headers."""


def read_orders(headers: Mapping[str, str]) -> Orders:
    """Raises ValueError that names the header whose value is no number."""
    return Orders(
        latency=_number(headers, "x-demo-latency", 0.0),
        token_delay=_number(headers, "x-demo-token-delay", 0.0),
        input_tokens=_count(headers, "x-demo-input-tokens"),
        output_tokens=_count(headers, "x-demo-output-tokens"),
        cached_tokens=_count(headers, "x-demo-cached-tokens") or 0,
        cache_write_tokens=_count(headers, "x-demo-cache-write-tokens") or 0,
        reasoning_tokens=_count(headers, "x-demo-reasoning-tokens") or 0,
        usage=headers.get("x-demo-usage", ""),
        status=_status(headers),
        retry_after=headers.get("x-demo-retry-after"),
        error_after=_count(headers, "x-demo-error-after"),
        cut_after=_count(headers, "x-demo-cut-after"),
        hang_after=_count(headers, "x-demo-hang-after"),
        embedding=headers.get("x-demo-embedding", ""),
    )


def _status(headers: Mapping[str, str]) -> int | None:
    """The status that this attempt fails with: both SDKs tell in a header how often they have tried before."""
    first = _count(headers, "x-demo-fail-first")
    status = _count(headers, "x-demo-status")
    if first is None:
        return status
    attempt = _count(headers, "x-stainless-retry-count") or 0
    return (status or 429) if attempt < first else None


def _count(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name)
    return None if text is None else int(_parse(name, text))


def _number(headers: Mapping[str, str], name: str, default: float) -> float:
    text = headers.get(name)
    return default if text is None else _parse(name, text)


def _parse(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e9:
        raise ValueError(f"{name}: {text[:40]!r} is not a number that is 0 or more")
    return number
