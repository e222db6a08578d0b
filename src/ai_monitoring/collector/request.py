"""One AI request, as an application records it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ai_monitoring.llm.usage import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class AIRequest:
    """A prompt, its answer, and what was measured of both. Its repr shows no text and no user.

    Tokens follow OpenTelemetry: `input_tokens` include the cached ones, `output_tokens` those of reasoning. Times are
    in milliseconds, `timestamp` in Unix seconds (now where None). `context` are the texts of the retrieved documents,
    `documents` their ids, which stand in the request's log line. `confidence` is what the application says of its
    answer, 0 to 1; `error` an exception's name or a kind (timeout, network, …).
    `user` never leaves in clear: it is made a pseudonym at the door. `consent` None means that nothing was said.
    `business_value` is in the currency of monitoring.yaml.
    """

    request_id: str
    provider: str
    model: str
    prompt: str = field(default="", repr=False)
    response: str = field(default="", repr=False)
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    latency_ms: float = 0.0
    time_to_first_token_ms: float | None = None
    inference_time_ms: float | None = None
    context: Sequence[str] = field(default=(), repr=False)
    documents: Sequence[str] = ()
    confidence: float | None = None
    error: str | None = None
    rate_limited: bool = False
    cache_hit: bool = False
    user: str | None = field(default=None, repr=False)
    consent: bool | None = None
    legal_basis: str | None = None
    purpose: str | None = None
    business_value: float | None = None
    team: str | None = None
    project: str | None = None
    operation: str = "chat"
    timestamp: float | None = None

    @property
    def usage(self) -> Usage:
        """Its tokens, as calls are counted and priced by."""
        return Usage(
            self.input_tokens,
            self.output_tokens,
            self.cache_read_tokens,
            self.cache_write_tokens,
            self.reasoning_tokens,
        )

    @property
    def from_own_cache(self) -> bool:
        """Whether the application had the answer already, so that no provider was asked."""
        return self.cache_hit and not self.cache_read_tokens
