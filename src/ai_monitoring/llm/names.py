"""Names that an application chooses, as label values. What cannot be a name is `other`: a prompt or a key in the wrong
place never becomes a label, nor does text that no scrape could encode.
"""

from typing import Final

from ai_monitoring.metrics.declaration import OTHER

OPERATIONS: Final = frozenset({"chat", "responses", "embeddings", "messages", "completion", OTHER})

_MODEL_LENGTH: Final = 128
"""Characters; the name of a profile of Amazon Bedrock has about 110."""
_GROUP_LENGTH: Final = 64


def model_name(value: object) -> str:
    """Of a model or a provider: printable, without blanks, 1 to 128 characters."""
    text = str(value)
    return text if 0 < len(text) <= _MODEL_LENGTH and text.isprintable() and " " not in text else OTHER


def group_name(value: object) -> str:
    """Of a team or a project: printable, 1 to 64 characters."""
    text = str(value)
    return text if 0 < len(text) <= _GROUP_LENGTH and text.isprintable() else OTHER


def operation_name(value: object) -> str:
    """One of the closed set."""
    text = str(value)
    return text if text in OPERATIONS else OTHER
