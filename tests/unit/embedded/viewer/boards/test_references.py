"""Which source a dashboard means."""

from typing import Any

import pytest

from ai_monitoring.embedded.viewer.boards.references import source_of
from ai_monitoring.embedded.viewer.sources import SourceError


@pytest.mark.parametrize(
    ("reference", "source"),
    [
        (None, "prometheus"),
        ({"uid": "loki", "type": "loki"}, "loki"),
        ({"uid": "P18F7", "type": "tempo"}, "tempo"),
        ("Prometheus", "prometheus"),
    ],
)
def test_a_source_is_known_by_uid_type_or_name(reference: Any, source: str) -> None:
    assert source_of(reference) == source


@pytest.mark.parametrize("name", ["-- Grafana --", "__expr__", "influxdb"])
def test_others_are_refused_by_name(name: str) -> None:
    with pytest.raises(SourceError, match=name):
        source_of({"uid": name, "type": "datasource"} if name.startswith("--") else name)
