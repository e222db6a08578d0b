"""What an AI request may do: consent, legal basis, approved models, the EU's AI Act; an audit log, and the right to
erasure. docs/compliance.md.

    from ai_monitoring.compliance import Compliance
    reading = Compliance(load_config()).assess(request, {"prompt.email": 1})
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ai_monitoring.compliance.assessment import Compliance
    from ai_monitoring.compliance.reading import ComplianceReading

__all__ = ["Compliance", "ComplianceReading"]


def __getattr__(name: str) -> Any:
    """Not at the top: monitoring.yaml is read with this package's settings, and needs no more of it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ai_monitoring.compliance import assessment, reading

    return getattr(assessment if name == "Compliance" else reading, name)
