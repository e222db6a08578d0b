"""docs/alerts.md has every alert, and the numbers and times that it gives are those of the rules."""

import re

import pytest
from watch import ROOT, Rule, alerts, selectors, thresholds

ROW = re.compile(r"^\| \[(\w+)\]\(([^)]+)\) \| .+? \| (.*?) ?\| (.*?) ?\|$", re.MULTILINE)
ROWS = {
    name: {"runbook": f"docs/{runbook}", "warning": warning, "critical": critical}
    for name, runbook, warning, critical in ROW.findall((ROOT / "docs" / "alerts.md").read_text(encoding="utf-8"))
}
NUMBERS = {(threshold.record, threshold.severity): float(threshold.expr) for threshold in thresholds()}
ALERTS = [alert for alert in alerts() if alert.alert != "Watchdog"]
each_alert = pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: f"{alert.alert}-{alert.severity}")


def test_it_has_every_alert_and_no_other() -> None:
    listed = {(name, severity) for name, row in ROWS.items() for severity in ("warning", "critical") if row[severity]}
    assert listed == {(alert.alert, alert.severity) for alert in ALERTS}


@each_alert
def test_a_row_leads_to_the_runbook(alert: Rule) -> None:
    assert ROWS[alert.alert]["runbook"] == alert.annotations["runbook"]


@each_alert
def test_a_row_gives_the_numbers_that_the_rules_compare_with(alert: Rule) -> None:
    """A number for each rule of that name and severity, such as one for each window."""
    cell = re.sub(r"\(.+\)|below|more than|at once", "", ROWS[alert.alert][alert.severity]).strip()
    shown = cell.split(" or ") if cell else []
    rules = [each for each in ALERTS if (each.alert, each.severity) == (alert.alert, alert.severity)]
    compared = [
        (name, each.severity) for each in rules for name, labels in selectors(each.expr) if "severity" in labels
    ]
    numbers = [NUMBERS[each] for each in dict.fromkeys(compared) if each in NUMBERS]
    expected = [spelled(number, cell) for number in numbers]
    assert expected == shown or alert.alert == "ThresholdMissing"


@each_alert
def test_a_row_gives_the_time_that_the_rule_waits(alert: Rule) -> None:
    shown = "".join(re.findall(r"\((\d+) min\)", ROWS[alert.alert][alert.severity]))
    # Of what is counted over a day, the minute that a rule waits is not worth a word.
    assert alert.wait == (f"{shown}m" if shown else "") or (alert.wait == "1m" and not shown)


def spelled(number: float, like: str) -> str:
    """A threshold as the page writes it: a share in per cent, a day in hours, seconds as such."""
    if like.endswith(" %"):
        return f"{100 * number:g} %"
    if like.endswith(" h"):
        return f"{number / 3600:g} h"
    return f"{number:g} s" if like.endswith(" s") else f"{number:g}"
