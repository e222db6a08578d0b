"""`ai-monitoring reconcile` against a real ledger."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ai_monitoring.cli import main
from ai_monitoring.finops.entry import Entry
from ai_monitoring.finops.gaps import gaps
from ai_monitoring.finops.ledger import Ledger

EXPORT = "usage_date_utc,model,token_type,cost_usd\n2026-11-20,Claude Haiku 4.5,output,{}\n"
NOON = 1_795_176_000


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A ledger with ten dollars of Claude Haiku 4.5 on 20 November 2026."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    (tmp_path / "monitoring.yaml").write_text("currency: USD\n")
    monkeypatch.setenv("AI_MONITORING_CONFIG", str(tmp_path / "monitoring.yaml"))
    monkeypatch.setenv("AI_MONITORING_LEDGER", url)
    whole: dict[str, Any] = {"provider": "anthropic", "model": "claude-haiku-4-5", "team": "t", "project": "p"}
    with Ledger(url) as ledger:
        ledger.book(Entry(request_id="a", at=NOON, cost=Decimal(10), currency="USD", **whole))
    return url


@pytest.mark.parametrize(
    ("billed", "options", "status"),
    [
        ("10", [], 0),
        ("10.5", [], 0),
        ("10.6", [], 3),
        ("9.5", [], 3),
        ("10.6", ["--tolerance", "0.1"], 0),
        ("12", ["--tolerance", "0.1"], 3),
    ],
)
def test_the_exit_status_tells_whether_the_gap_is_within_the_tolerance(
    url: str, tmp_path: Path, billed: str, options: list[str], status: int
) -> None:
    export = tmp_path / "export.csv"
    export.write_text(EXPORT.format(billed))
    assert main(["reconcile", str(export), *options]) == status
    with Ledger(url) as ledger:
        (gap,) = gaps(ledger)
    assert (gap.provider, gap.booked, gap.billed) == ("anthropic", Decimal(10), Decimal(billed))


def test_the_table(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "export.csv").write_text(EXPORT.format("12.5"))
    main(["reconcile", str(tmp_path / "export.csv")])
    said = capsys.readouterr().out
    assert "2026-11-20  Claude Haiku 4.5  10.0000  12.5000  +2.5000" in said
    assert "anthropic: 10.0000 USD booked, 12.5000 billed, +2.5000 apart (+20.0% of the bill)" in said


def test_for_programs(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "export.csv").write_text(EXPORT.format("12.5"))
    main(["reconcile", str(tmp_path / "export.csv"), "--json"])
    said = json.loads(capsys.readouterr().out)
    assert (said["gap_ratio"], Decimal(said["gap"]), said["currency"]) == (0.2, Decimal("2.5"), "USD")
    assert said["rows"][0]["day"] == "2026-11-20"


def test_a_wrong_file_and_a_wrong_ledger(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    export = tmp_path / "export.csv"
    export.write_text(EXPORT.format("dear"))
    assert main(["reconcile", str(export)]) == 1
    assert "row 2, column cost_usd: 'dear' is no amount" in capsys.readouterr().err
    export.write_text(EXPORT.format("1"))
    monkeypatch.setenv("AI_MONITORING_LEDGER", "sqlite:////proc/no.db")
    assert main(["reconcile", str(export)]) == 1
    assert "AI_MONITORING_LEDGER" in capsys.readouterr().err
