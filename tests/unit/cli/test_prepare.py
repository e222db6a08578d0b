"""`ai-monitoring setup` on a copy of the project's files."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from waiting import free_ports

from ai_monitoring.cli import prepare
from ai_monitoring.configuration import load_config
from ai_monitoring.stack import settings
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.settings import DEFAULT_PORTS, read_env

ROOT = Path(__file__).parents[3]
SLACK = "https://hooks.slack.com/services/T0/B0/hidden"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", "/usr/bin/none")  # without Docker
    for name, port in zip(DEFAULT_PORTS, free_ports(len(DEFAULT_PORTS)), strict=True):
        monkeypatch.setenv(name, str(port))
    shutil.copytree(ROOT / "prometheus", tmp_path / "prometheus")
    shutil.copy(ROOT / "monitoring.yaml", tmp_path)
    return tmp_path


def answers(**given: str) -> Callable[[str, bool], str]:
    """Gives the answer whose key is in the question; `secrets` are the questions that hid what was typed."""

    def ask(question: str, secret: bool) -> str:
        if secret:
            secrets.append(question)
        return next((answer for key, answer in given.items() if key in question), "")

    secrets: list[str] = []
    ask.secrets = secrets  # type: ignore[attr-defined]
    return ask


def test_everything_is_looked_at_and_env_is_made_for_its_owner(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prepare.run(project, as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["made"] == [".env"]
    assert [check["check"] for check in told["checks"] if not check["ok"]] == []
    assert (project / ".env").stat().st_mode & 0o777 == 0o600


def test_an_open_env_is_closed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".env").write_text("SMTP_PASSWORD=secret\nSMTP_HOST=h\nALERT_EMAIL_TO=a@b.c\nSMTP_FROM=a@b.c\n", "utf-8")
    (project / ".env").chmod(0o644)
    assert prepare.run(project, yes=True) == 0
    assert (project / ".env").stat().st_mode & 0o777 == 0o600
    assert "closed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("monitoring.yaml", "currency:", "curency:", "curency is unknown; did you mean currency?"),
        ("prometheus/rules/thresholds.yml", "expr: 0.5\n", "expr: half\n", "half is no number"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(
    project: Path, capsys: pytest.CaptureFixture[str], file: str, old: str, new: str, problem: str
) -> None:
    text = (project / file).read_text(encoding="utf-8")
    (project / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    assert prepare.run(project, as_json=True) == 1
    [failed] = [check for check in json.loads(capsys.readouterr().out)["checks"] if not check["ok"]]
    assert problem in failed["detail"]
    assert failed["remedy"]


def test_channels_are_asked_for_and_kept(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = {
        "Slack": SLACK,
        "SMTP server": "mail.example.org",
        "password": "it's #1",
        "from": "w@e.org",
        "who": "a@e.org",
        "sign of life": "https://hc.example.org/hidden",
    }
    ask = answers(**given, Send="n")
    assert prepare.run(project, ask=ask) == 0
    kept = {name: value for name, (value, _) in read_env(project / ".env").items()}
    assert kept == {
        "SLACK_WEBHOOK_URL": SLACK,
        "SMTP_HOST": "mail.example.org",
        "SMTP_PASSWORD": "it's #1",
        "SMTP_FROM": "w@e.org",
        "ALERT_EMAIL_TO": "a@e.org",
        "HEARTBEAT_URL": "https://hc.example.org/hidden",
    }
    assert len(ask.secrets) == 3  # type: ignore[attr-defined]
    output = capsys.readouterr().out
    assert "hidden" not in output
    assert "it's" not in output


def test_what_env_names_is_not_asked_for_again(project: Path) -> None:
    (project / ".env").write_text(f"SLACK_WEBHOOK_URL={SLACK}\nHEARTBEAT_URL={SLACK}\n", encoding="utf-8")
    (project / "monitoring.local.yaml").write_text("currency: USD\ntime_zone: UTC\nbudgets: []\n", encoding="utf-8")
    asked: list[str] = []

    def ask(question: str, _: bool) -> str:
        asked.append(question)
        return ""

    assert prepare.run(project, ask=ask) == 0
    assert asked == ["SMTP server for alerts by e-mail"]


def test_the_time_zone_of_budgets_is_that_of_digests_where_env_names_none(project: Path) -> None:
    assert prepare.run(project, ask=answers(zone="Europe/Paris")) == 0
    assert load_config(project / "monitoring.yaml").time_zone == "Europe/Paris"
    assert settings.load(project, {}).texts["DIGEST_TIME_ZONE"] == "Europe/Paris"
    (project / "monitoring.local.yaml").unlink()
    assert prepare.run(project, ask=answers(zone="Europe/Rome")) == 0
    assert settings.load(project, {}).texts["DIGEST_TIME_ZONE"] == "Europe/Paris"


def test_without_somebody_to_answer_nothing_is_asked_or_written(project: Path) -> None:
    assert prepare.run(project, yes=True) == 0
    assert not (project / "monitoring.local.yaml").exists()


def test_a_broken_settings_file_is_mended_before_it_is_asked_about(project: Path) -> None:
    (project / "monitoring.yaml").write_text("curency: EUR\n", encoding="utf-8")
    assert prepare.run(project, ask=answers(Currency="USD")) == 1
    assert not (project / "monitoring.local.yaml").exists()


def test_an_answer_that_reaches_nobody_is_refused_and_not_kept(project: Path) -> None:
    with pytest.raises(StackError, match="no address of a webhook"):
        prepare.run(project, ask=answers(Slack="hooks.slack.com"))
    assert read_env(project / ".env") == {}
