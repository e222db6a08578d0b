"""What the `gen_ai.…` attributes of another instrumentation's span tell of a call, by their names of today and before.

https://opentelemetry.io/docs/specs/semconv/gen-ai/; `llm.…` are those of OpenLLMetry.
"""

from collections.abc import Mapping
from typing import Any, Final

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import StatusCode

from ai_monitoring.llm.accounting import NONE
from ai_monitoring.llm.meter import CallResult
from ai_monitoring.llm.outcome import Status, status_of_name
from ai_monitoring.llm.usage import Usage

TEAM: Final = "ai_monitoring.team"
PROJECT: Final = "ai_monitoring.project"

OPERATIONS: Final = {
    "chat": "chat",
    "generate_content": "chat",
    "completion": "completion",
    "text_completion": "completion",
    "embeddings": "embeddings",
    "embedding": "embeddings",
    "responses": "responses",
    "messages": "messages",
}
"""What an instrumentation calls an operation, and what the label says. Agents, tools and workflows are no calls."""

PROVIDERS: Final = {
    "az.ai.openai": "azure",
    "azure.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "aws.bedrock": "aws",
    "gcp.gemini": "google",
    "gcp.gen_ai": "google",
    "gcp.vertex_ai": "google",
    "gemini": "google",
    "vertex_ai": "google",
    "mistral_ai": "mistral",
    "x_ai": "x-ai",
    "xai": "x-ai",
}
"""OpenTelemetry's names of providers, and those of the label, under which genai-prices knows them."""

_OPERATION = ("gen_ai.operation.name", "llm.request.type")
_PROVIDER = ("gen_ai.provider.name", "gen_ai.system", "llm.vendor")
_MODEL = ("gen_ai.request.model", "llm.request.model", "gen_ai.response.model", "llm.response.model")
_ANSWERED_BY = ("gen_ai.response.model", "llm.response.model")
_INPUT = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens")
_OUTPUT = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.usage.completion_tokens")
_CACHE_READ = ("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens")
_CACHE_WRITE = (
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
)
_REASONING = ("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens")
_FIRST_TOKEN = ("gen_ai.response.time_to_first_chunk", "gen_ai.server.time_to_first_token")

Attributes = Mapping[str, Any]


def may_be_call(name: str, attributes: Attributes) -> bool:
    """Told at a span's start, when an instrumentation may not have set its attributes yet."""
    return any(key.startswith(("gen_ai.", "llm.")) for key in attributes) or (
        name.lower().replace(".", " ").split(" ")[-1] in OPERATIONS or name.lower().split(" ")[0] in OPERATIONS
    )


def is_call(attributes: Attributes) -> bool:
    """Whether they are those of a call to a model, rather than of an agent, a tool or a workflow."""
    operation = _first(attributes, _OPERATION)
    if operation is not None:
        return str(operation).lower() in OPERATIONS
    return _first(attributes, _PROVIDER) is not None and _first(attributes, _MODEL) is not None


def call_result(span: ReadableSpan) -> CallResult:
    """The call that an ended span stands for."""
    attributes = span.attributes or {}
    status = _status(span, attributes)
    provider = str(_first(attributes, _PROVIDER) or "unknown").lower()
    answered_by = _first(attributes, _ANSWERED_BY)
    first_token = _first(attributes, _FIRST_TOKEN)
    return CallResult(
        provider=PROVIDERS.get(provider, provider),
        model=str(_first(attributes, _MODEL) or "unknown"),
        operation=OPERATIONS.get(str(_first(attributes, _OPERATION)).lower(), "chat"),
        status=status,
        seconds=((span.end_time or 0) - (span.start_time or 0)) / 1e9,
        team=str(attributes.get(TEAM, NONE)),
        project=str(attributes.get(PROJECT, NONE)),
        answered_by=None if answered_by is None else str(answered_by),
        first_token_seconds=first_token if isinstance(first_token, int | float) else None,
        usage=_usage(attributes),
        rate_limited=int(status is Status.RATE_LIMITED),
    )


def _usage(attributes: Attributes) -> Usage | None:
    counted, generated = _count(attributes, _INPUT), _count(attributes, _OUTPUT)
    if counted is None and generated is None:
        return None
    told, written = _count(attributes, _CACHE_READ), _count(attributes, _CACHE_WRITE) or 0
    read = told or 0
    counted = counted or 0
    if read + written > counted:
        # Anthropic's own count, which leaves cached tokens out.
        counted += read + written
    return Usage(counted, generated or 0, read, written, _count(attributes, _REASONING) or 0, told is not None)


def _status(span: ReadableSpan, attributes: Attributes) -> Status:
    kind = attributes.get("error.type")
    if kind is not None:
        return status_of_name(str(kind))
    return Status.ERROR if span.status.status_code is StatusCode.ERROR else Status.OK


def _first(attributes: Attributes, names: tuple[str, ...]) -> Any:
    return next((attributes[name] for name in names if name in attributes), None)


def _count(attributes: Attributes, names: tuple[str, ...]) -> int | None:
    value = _first(attributes, names)
    return value if isinstance(value, int) and value >= 0 else None
