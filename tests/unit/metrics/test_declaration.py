"""What a declaration refuses."""

from typing import Any

import pytest

from ai_monitoring.metrics.declaration import Kind, Metric


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": "requests", "kind": Kind.COUNTER}, "ends in _total"),
        ({"name": "sessions_total", "kind": Kind.GAUGE}, "ends in _total"),
        ({"name": "seconds", "kind": Kind.HISTOGRAM}, "has buckets"),
        ({"name": "sessions", "kind": Kind.GAUGE, "buckets": (1.0,)}, "has buckets"),
        ({"name": "sessions", "kind": Kind.GAUGE, "labels": ("a",), "open_labels": ("b",)}, r"does not have: \['b'\]"),
    ],
)
def test_a_contradiction_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Metric(help="Help.", **fields)
