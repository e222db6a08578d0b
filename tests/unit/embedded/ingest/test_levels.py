import pytest

from ai_monitoring.embedded.ingest.levels import detected, named, normal


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("", "unknown"),
        ("nothing to see", "unknown"),
        ("2026-11-26 ERROR broken", "error"),
        ("[warning] slow", "warn"),
        ("info: an error came later", "info"),
        ("an error, then info", "error"),
        ("misc:error", "unknown"),
        ("terror and errors", "unknown"),
        ("it failed (err)", "error"),
        ("FATAL!", "fatal"),
        ("critical", "critical"),
        ("wrn", "unknown"),
        ('{"level": "WARN", "msg": "an error"}', "warn"),
        ('  {"msg": "x", "severity": "Information"}\n', "info"),
        ('{"msg": "x", "log": {"level": "dbg"}}', "debug"),
        ('{"a": {"b": {"level": "dbg"}}}', "unknown"),
        ('{"log.level": "trc"}', "trace"),
        ('{"level": 30, "msg": "error"}', "error"),
        ('{"level": 30, "msg": "an error came"}', "error"),
        ('{"level": "notice", "msg": "an error came"}', "error"),
        ('{"level": }', "unknown"),
        ("level=warn msg=error", "warn"),
        ('msg="level=debug" LEVEL="error"', "error"),
        ("severity=error lvl=debug", "error"),
        ("lvl=debug severity=error", "error"),
        ("severity=error level=debug", "debug"),
        ("level=notice msg=x", "unknown"),
        ("a=b=c level=debug", "debug"),
        ("ts=1 broken= level=error", "error"),
        ("GET /?a=1 info", "info"),
    ],
)
def test_level_of_a_text(text: str, level: str) -> None:
    assert detected(text, {}) == level


@pytest.mark.parametrize(
    ("metadata", "level"),
    [
        ({"severity_text": "Information", "severity_number": "17"}, "info"),
        ({"severity_text": "NOTICE"}, "NOTICE"),
        ({"severity": "error", "level": "debug"}, "debug"),
        ({"severity_number": "1"}, "trace"),
        ({"severity_number": "4"}, "trace"),
        ({"severity_number": "5"}, "debug"),
        ({"severity_number": "9"}, "info"),
        ({"severity_number": "16"}, "warn"),
        ({"severity_number": "17"}, "error"),
        ({"severity_number": "24"}, "fatal"),
        ({"severity_number": "25"}, "unknown"),
        ({"severity_number": "0"}, "unknown"),
        ({"severity_number": "high"}, "info"),
        ({"user": "ada"}, "error"),
    ],
)
def test_level_of_metadata_counts_more_than_the_text(metadata: dict[str, str], level: str) -> None:
    assert detected("an error", metadata) == level


def test_names_of_levels() -> None:
    assert [normal(name) for name in ("ERR", "Warning", "inf", "whatever")] == ["error", "warn", "info", "whatever"]
    assert named({"app": "shop"}) is None
    assert named({"severity": "x", "Level": "ERR"}) == "error"
