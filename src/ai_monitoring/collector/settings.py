"""monitoring.yaml's sections `collection` and `evaluators`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ai_monitoring.configuration import Reader
    from ai_monitoring.quality.suite import Setting

EVALUATORS: Final = (
    *("language", "quality", "groundedness", "hallucination", "toxicity", "bias", "sentiment", "attacks"),
    *("personal_data", "confidence", "judge", "presidio", "embeddings"),
)
"""Those that ai_monitoring.quality has; the last three run where an application passes them to its collector."""

_MAX_QUEUE: Final = 100_000


@dataclass(frozen=True, slots=True)
class Collection:
    """How submitted requests are recorded: at most `queue_size` wait, fewer where their texts are large;
    `batch_size` are taken at a time.

    `llm_calls` also books the calls that `llm.instrument()` and `llm_call` see, and records a share, `sample`, 0 to 1.
    """

    batch_size: int = 50
    queue_size: int = 2_000
    llm_calls: bool = False
    sample: float = 1.0


def read_collection(reader: "Reader", value: Any) -> Collection:
    """Raises ConfigurationError, as read_evaluators does."""
    content = reader.mapping(value, "collection")
    reader.known(content, ("batch_size", "queue_size", "llm_calls", "sample"), "collection.")
    default = Collection()
    return Collection(
        batch_size=reader.whole(content.get("batch_size", default.batch_size), "collection.batch_size", _MAX_QUEUE),
        queue_size=reader.whole(content.get("queue_size", default.queue_size), "collection.queue_size", _MAX_QUEUE),
        llm_calls=reader.switch(content.get("llm_calls", default.llm_calls), "collection.llm_calls"),
        sample=reader.share(content.get("sample", default.sample), "collection.sample"),
    )


def read_evaluators(reader: "Reader", value: Any) -> Mapping[str, "Setting"]:
    """By evaluator: `enabled`, `sample`, `time_limit`."""
    content = reader.mapping(value, "evaluators")
    reader.known(content, EVALUATORS, "evaluators.")
    return {str(name): _setting(reader, setting, f"evaluators.{name}") for name, setting in content.items()}


def _setting(reader: "Reader", value: Any, key: str) -> "Setting":
    # A service that counts its calls alone reads this file too, and needs no evaluators.
    from ai_monitoring.quality.suite import Setting

    content = reader.mapping(value, key)
    reader.known(content, ("enabled", "sample", "time_limit"), f"{key}.")
    default = Setting()
    limit = content.get("time_limit", default.time_limit)
    return Setting(
        enabled=reader.switch(content.get("enabled", default.enabled), f"{key}.enabled"),
        sample=reader.share(content.get("sample", default.sample), f"{key}.sample"),
        time_limit=float(reader.amount(limit, f"{key}.time_limit", above_zero=True)),
    )
