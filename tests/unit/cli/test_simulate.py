"""`ai-monitoring simulate`: its list, its table, its exit status, and what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ai_monitoring.cli import main, simulate
from ai_monitoring.simulate.rehearsal import Moment
from ai_monitoring.simulate.scenarios import NOT_REHEARSED, SCENARIOS, Scenario
from ai_monitoring.stack import settings

Run = Callable[..., int]
ALL = [
    Moment("injected", "the oven is cold", 1000.0),
    Moment("true", "the expression is true", 1040.4, 270.0),
    Moment("resolved", "it is over", 1100.0, 330.0),
]
MISSED = [ALL[0], Moment("true", "the expression of OvenCold is true", None, 90.0), Moment("ended", "undone", 1090.0)]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command where the parts of `parts` run (None: nothing does), and a rehearsal ends as `outcome` says."""
    begun: list[tuple[str, bool]] = []

    def with_parts(
        *arguments: str,
        parts: tuple[str, ...] | None = ("prometheus", "llm-upstream"),
        outcome: list[Moment] | Exception = ALL,
        env: str = "",
    ) -> int:
        class Rehearsal:
            def __init__(self, scenario: Scenario, *_: Any, people: bool) -> None:
                begun.append((scenario.name, people))

            def run(self) -> list[Moment]:
                if isinstance(outcome, Exception):
                    raise outcome
                return outcome

        engine = None if parts is None else SimpleNamespace(parts=lambda: [SimpleNamespace(name=one) for one in parts])
        (tmp_path / ".env").write_text(env, encoding="utf-8")
        now = settings.load(tmp_path, {})
        monkeypatch.setattr(settings, "load", lambda: now)
        monkeypatch.setattr(simulate, "running", lambda *_: engine)
        monkeypatch.setattr(simulate, "Rehearsal", Rehearsal)
        return main(["simulate", *arguments])

    with_parts.begun = begun  # type: ignore[attr-defined]
    return with_parts


def test_the_list_tells_every_incident_and_every_alert_that_has_none(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run() == 0
    shown = capsys.readouterr().out
    for scenario in SCENARIOS:
        assert f"{scenario.alert} ({scenario.severity})" in shown
        assert scenario.does in shown
    for why, alerts in NOT_REHEARSED.items():
        assert f"{why}:" in shown
        assert all(alert in shown for alert in alerts)


def test_the_list_for_programs(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in shown["incidents"]] == [scenario.name for scenario in SCENARIOS]
    assert {"alert": "Watchdog", "why": "it always fires"} in shown["not_rehearsed"]


def test_the_list_needs_no_stack(run: Run) -> None:
    assert run(parts=None) == 0


def test_all_that_came_is_a_table_of_seconds_and_success(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("django-slow") == 0
    rows = [line.split(maxsplit=2) for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert ["true", "40", "the expression is true"] in rows
    assert ["resolved", "100", "it is over"] in rows


def test_what_did_not_come_is_named_and_no_success(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("django-slow", outcome=MISSED) == 1
    shown = capsys.readouterr().out
    assert "It did not come within 90 s that the expression of OvenCold is true." in shown
    assert ["true", "-"] in [line.split()[:2] for line in shown.splitlines()]


def test_the_times_for_programs(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("django-slow", "--json", outcome=MISSED) == 1
    shown = json.loads(capsys.readouterr().out)
    assert shown["incident"] == "django-slow"
    assert [(one["moment"], one["seconds"], one["within"]) for one in shown["moments"]] == [
        ("injected", 0.0, None),
        ("true", None, 90.0),
        ("ended", 90.0, None),
    ]


@pytest.mark.parametrize(
    ("name", "env", "people"),
    [
        ("llm-slow", "", False),
        ("llm-slow", "SLACK_WEBHOOK_URL_CRITICAL=http://127.0.0.1/critical\n", False),
        ("llm-slow", "SLACK_WEBHOOK_URL_WARNING=http://127.0.0.1/warning\n", True),
        ("django-slow", "SLACK_WEBHOOK_URL_CRITICAL=http://127.0.0.1/critical\n", True),
    ],
)
def test_people_are_waited_for_where_they_are_told_of_that_severity(
    run: Run, name: str, env: str, people: bool
) -> None:
    run(name, env=env)
    assert run.begun == [(name, people)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "parts", "problem"),
    [
        ("oven-cold", ("llm-upstream",), "There is no incident 'oven-cold'."),
        ("django-slow", None, "Nothing runs here."),
        ("django-slow", ("prometheus",), "The demo does not run; incidents are rehearsed there and nowhere else."),
    ],
)
def test_what_cannot_be_rehearsed_is_refused(
    run: Run, name: str, parts: tuple[str, ...] | None, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(name, parts=parts) == 1
    told = capsys.readouterr().err
    assert problem in told
    assert "django-slow" in told or "start_monitoring.py --demo" in told
    assert run.begun == []  # type: ignore[attr-defined]


def test_a_prometheus_that_does_not_answer_is_said_so(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("django-slow", outcome=ConnectionRefusedError("refused")) == 1
    assert "Prometheus does not answer: refused." in capsys.readouterr().err


def test_ctrl_c_has_its_own_exit_status(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted: Any = KeyboardInterrupt()
    monkeypatch.setattr(simulate, "find", lambda _: (_ for _ in ()).throw(interrupted))
    assert run("django-slow") == 130
