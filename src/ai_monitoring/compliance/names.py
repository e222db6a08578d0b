"""Names in monitoring.yaml that stand for a model, or for many: `gpt-4o`, `gpt-4*`."""

from collections.abc import Mapping
from typing import TypeVar

V = TypeVar("V")


def named(known: Mapping[str, V], model: str) -> V | None:
    """What stands under the model's own name, else under the longest name with `*` that its begins with."""
    if model in known:
        return known[model]
    begins = [name for name in known if name.endswith("*") and model.startswith(name[:-1])]
    return known[max(begins, key=len)] if begins else None
