import pytest

from ai_monitoring.embedded.viewer.levels import level_of


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("FATAL", "critical"),
        ("Warning", "warn"),
        ("notice", "info"),
        ("trace", "trace"),
        ("", "unknown"),
        ("x", "unknown"),
    ],
)
def test_level(name: str, level: str) -> None:
    assert level_of(name) == level
