"""`ai-monitoring summary` against a real Prometheus and the real incident receiver."""

import json

import pytest
from waiting import free_ports

from ai_monitoring.cli import main
from ai_monitoring.cli import prometheus as prometheus_module
from ai_monitoring.cli.prometheus import Prometheus, Sample
from ai_monitoring.cli.readings import Reading, Unit
from ai_monitoring.cli.readings_report import line
from ai_monitoring.cli.survey import Found
from ai_monitoring.stack import settings

HOUR = ["summary", "--since", "59m"]


@pytest.mark.usefixtures("watch")
def test_five_dimensions_and_events(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(HOUR) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "AI requests of the last 59 min"
    assert [one for one in lines if one and not one.startswith(" ")][1:] == [
        *("Technical", "Cognitive", "FinOps", "DevOps", "Compliance", "Events")
    ]
    shown = dict(one.strip().split("  ", 1) for one in lines if one.startswith("  "))
    shown = {title: text.strip() for title, text in shown.items()}
    calls = float(shown["calls"].replace(",", ""))
    assert calls == pytest.approx(0.5 * 3600)
    assert shown["failed"] == "2.0 %"
    assert shown["rate limited"] == "1.0 %"
    assert shown["95 of 100 within"] == "1.90 s"
    assert shown["first token within"] == "-"
    assert [part.split()[0] for part in shown["tokens"].split(" · ")] == ["output", "input"]
    assert shown["quality"] == "coherence 90.0 % · relevance 82.0 %"
    assert shown["of these found"] == "toxicity 12"
    assert shown["spent"].endswith(" EUR")
    assert [part.split()[0] for part in shown["by team"].split(" · ")] == ["search", "faq"]
    assert shown["of its budget"] == "team search month 42.0 %"
    assert shown["now"] == "shop up · chat down"
    assert shown["available"] == "shop 99.5 %"
    assert shown["memory"] == "shop 123.5 MB"
    assert shown["incidents"] == "critical 1 · warning 1 (1 not over)"
    assert shown["deployments"] == "shop 1.4.2 succeeded"


@pytest.mark.usefixtures("watch")
def test_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*HOUR, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["problems"] == []
    assert told["technical"]["failed"] == [{"labels": {"source": "ai_monitoring"}, "value": pytest.approx(0.02)}]
    (cost,) = told["finops"]["cost"]
    assert cost["labels"] == {"currency": "EUR", "source": "ai_monitoring"}
    assert cost["value"] == pytest.approx(0.00125 * 3600)
    (sent,) = told["compliance"]["personal_data_sent"]
    assert sent == {"labels": {"type": "iban"}, "value": 2}
    assert told["incidents"] == {"open": 1, "total": 2, "by_severity": {"critical": 1, "warning": 1}}
    assert [one["version"] for one in told["deployments"]] == ["1.4.2"]
    assert told["compliance"]["without_consent"] == []


@pytest.mark.usefixtures("watch")
def test_numbers_are_shown_without_the_incident_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INCIDENTS_PORT", str(free_ports(1)[0]))
    assert main(HOUR) == 1
    output = capsys.readouterr().out
    assert "95 of 100 within        1.90 s" in output
    assert "The incident log does not answer. Incidents and deployments are unknown." in output


@pytest.mark.parametrize(
    ("seconds", "window", "windows"), [(1, 300, 1), (300, 300, 1), (301, 300, 2), (3300, 300, 11), (60, 3600, 1)]
)
def test_each_window_is_counted_once(prometheus_port: int, seconds: int, window: int, windows: int) -> None:
    prometheus = Prometheus(settings.load(environment={"PROMETHEUS_PORT": str(prometheus_port)}))
    (sent,) = prometheus.sums("ai:personal_data_sent:increase1h", seconds, window)
    assert (sent.labels["type"], sent.value) == ("iban", 2 * windows)


def test_of_very_many_windows_some_stand_for_all(prometheus_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prometheus_module, "_MOST", 4)
    prometheus = Prometheus(settings.load(environment={"PROMETHEUS_PORT": str(prometheus_port)}))
    (sent,) = prometheus.sums("ai:personal_data_sent:increase1h", 10 * 300, 300)
    assert sent.value == 2 * 4 * 3


def test_a_watch_that_does_not_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PROMETHEUS_PORT", str(free_ports(1)[0]))
    assert main(["summary"]) == 1
    assert "Prometheus does not answer.\nLook what runs" in capsys.readouterr().err


@pytest.mark.parametrize("since", ["0h", "yesterday", "24", "-1d"])
def test_a_time_that_is_none(since: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["summary", f"--since={since}"])


def test_who_counted_is_said_where_there_are_several() -> None:
    reading = Reading("cost", "spent", Unit.MONEY, "")
    samples = [Sample({"currency": "EUR", "source": source}, 0.5) for source in ("litellm", "ai_monitoring")]
    assert line(Found(reading, samples)).split(maxsplit=1)[1] == "ai_monitoring 0.5000 EUR · litellm 0.5000 EUR"
    assert line(Found(reading, samples[:1])).split(maxsplit=1)[1] == "0.5000 EUR"


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [
        (Unit.COUNT, 12345.6, "12,346"),
        (Unit.COUNT, 0.4, "0.4"),
        (Unit.BYTES, 999, "999 B"),
        (Unit.BYTES, 2.5e9, "2.5 GB"),
        (Unit.BYTES, 5e15, "5000.0 TB"),
        (Unit.SHARE, 1.2, "120.0 %"),
    ],
)
def test_numbers_as_people_read_them(unit: Unit, value: float, shown: str) -> None:
    assert line(Found(Reading("x", "x", unit, ""), [Sample({}, value)])).split(maxsplit=1)[1] == shown
