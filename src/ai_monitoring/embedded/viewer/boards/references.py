"""Which data source a dashboard means."""

from ai_monitoring.embedded.viewer.sources import KINDS, SourceError

_BESIDE = ("-- Grafana --", "-- Dashboard --", "grafana", "__expr__", "datasource")


def source_of(reference: object, otherwise: str = "prometheus") -> str:
    """The kind of source that a dashboard refers to by uid, type or name. Raises SourceError for one not known here."""
    if not reference:
        return otherwise
    words = [reference] if isinstance(reference, str) else [_word(reference, "uid"), _word(reference, "type")]
    for word in words:
        if str(word).lower() in KINDS:
            return str(word).lower()
    name = next((str(word) for word in words if word), "?")
    if name in _BESIDE:
        raise SourceError(f"Grafana's own data source {name!r} is not answered here: open this dashboard in Grafana.")
    raise SourceError(f"The data source {name!r} is not known here, only {', '.join(KINDS)}.")


def _word(reference: object, key: str) -> str:
    return str(reference.get(key) or "") if isinstance(reference, dict) else ""
