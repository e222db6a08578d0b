"""Identifiers of traces as people and programs write them."""

from ai_monitoring.embedded.tempo.requests import RequestError

_DIGITS = 32


def trace_id(text: str) -> str:
    """The 32 hexadecimal digits that the store keeps; zeros before may be missing. Raises RequestError."""
    for position, character in enumerate(text, 1):
        if character not in "0123456789abcdefABCDEF":
            problem = f"invalid character '{character}' at position {position}"
            raise RequestError(f"trace IDs can only contain hex characters: {problem}")
    if len(text) > _DIGITS:
        raise RequestError("trace IDs can't be larger than 128 bits")
    return text.lower().zfill(_DIGITS)
