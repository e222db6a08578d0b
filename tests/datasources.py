"""Grafana's data sources as data, for the tests that hold them to the contract."""

import re
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).parents[1] / "grafana" / "provisioning" / "datasources" / "datasources.yml"
SOURCES: dict[str, dict[str, Any]] = {
    source["uid"]: source for source in yaml.safe_load(_FILE.read_text(encoding="utf-8"))["datasources"]
}
"""Each data source, by its uid."""
_SPAN = {
    "__tags": 'service_name="fastapi"',
    "__trace.traceId": "0af7",
    "__span.name": "search",
    "__rate_interval": "1m",
}


def metrics_of_traces() -> list[tuple[str, str]]:
    """What Grafana asks Prometheus for a span: name and query."""
    queries = SOURCES["tempo"]["jsonData"]["tracesToMetrics"]["queries"]
    return [(query["name"], query["query"]) for query in queries]


def filled_in(query: str) -> str:
    """A query as Grafana asks it for a span of a search. Raises KeyError for a variable that nobody knows."""
    return re.sub(r"\$\{?(__[\w.]*\w)\}?", lambda name: _SPAN[name[1]], query.replace("$$", "$"))
