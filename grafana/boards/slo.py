"""SLO & error budgets: what was promised, what is left of it, how fast it goes and until when it lasts."""

from grafana.boards.board import Board, row, values_of
from grafana.boards.links import runbook
from grafana.boards.panels import Frame, Panel, chart, listing
from grafana.boards.queries import rows, series

OF = '{slo!="budget", slo=~"$slo", service=~"$service"}'
MONEY = '{slo="budget"}'
KEPT = ("slo:target:ratio", "slo:good:ratio_30d", "slo:error_budget_remaining:ratio")
_LEGEND = "{{service}}: {{slo}}"
_BUDGET = "{{scope}} {{name}}, {{period}}, {{currency}}"
NO_BUDGET = "No budget of money is set. See docs/finops.md."
WINDOWS = {
    "1h": ("An hour", "over an hour, and still over 5 minutes", "critical"),
    "6h": ("6 hours", "over 6 hours, and still over 30 minutes", "critical"),
    "1d": ("A day", "over a day, and still over 2 hours", "warning"),
    "3d": ("3 days", "over 3 days, and still over 6 hours", "warning"),
}
"""For each window of a burn rate its title, what its alert waits for, and the alert's severity."""


def _objectives() -> list[Panel]:
    return [
        listing(
            Frame(
                1,
                "Objectives",
                "Of each service's events of 30 days the share that must be good, the share that was, and what is left "
                "of the error budget, the rest: 100 % is untouched, below 0 is overspent. `source` says who counted.",
                (0, 0, 24, 9),
            ),
            *(rows(f"max by (service, slo, source) ({name}{OF})") for name in KEPT),
            columns={
                "service": "Service",
                "slo": "Objective",
                "source": "Source",
                "Value #A": "Target",
                "Value #B": "Good, 30 days",
                "Value #C": "Budget left",
            },
            unit="percentunit",
        ),
        chart(
            Frame(
                2,
                "Error budget spent",
                "Share of what may go wrong in 30 days: at 100 % all of it is gone.",
                (0, 9, 12, 8),
                [runbook("slo/ErrorBudgetBurn")],
            ),
            "percentunit",
            series(f"1 - slo:error_budget_remaining:ratio{OF}", _LEGEND),
        ),
        chart(
            Frame(
                3,
                "Until the budget is gone",
                "At the pace of the last day. No line where nothing went wrong within it.",
                (12, 9, 12, 8),
            ),
            "s",
            series(f"slo:exhaustion:seconds{OF}", _LEGEND),
        ),
    ]


def _burning(panel_id: int, window: str, place: tuple[int, int, int, int]) -> Panel:
    title, waits, severity = WINDOWS[window]
    words = f"How many times faster than allowed the budget is spent. The alert: {waits}."
    return chart(
        Frame(panel_id, f"Burn rate: {title.lower()}", words, place, [runbook("slo/ErrorBudgetBurn")]),
        "none",
        series(f"slo:burn_rate:{window}{OF}", _LEGEND),
        limits=f"slo_burn_rate_{window}",
        severities=(severity,),
    )


def _burn_rates() -> list[Panel]:
    places = {11: (0, 18), 12: (12, 18), 13: (0, 26), 14: (12, 26)}
    return [
        *(_burning(at, window, (*xy, 12, 8)) for (at, xy), window in zip(places.items(), WINDOWS, strict=True)),
        chart(
            Frame(15, "Burn rate: now", "Over 5 minutes: whether it still burns.", (0, 34, 24, 7)),
            "none",
            series(f"slo:burn_rate:5m{OF}", _LEGEND),
        ),
    ]


def _money() -> list[Panel]:
    burning = [runbook("slo/BudgetBurn")]
    return [
        chart(
            Frame(
                21,
                "Money: burn rate of an hour",
                "1 spends a budget in just its period; thresholds.yml has the rate that pages.",
                (0, 42, 8, 8),
                burning,
            ),
            "none",
            series(f"slo:burn_rate:1h{MONEY}", _BUDGET),
            no_value=NO_BUDGET,
        ),
        chart(
            Frame(22, "Money: share spent", "Of the budget of the current period.", (8, 42, 8, 8), burning),
            "percentunit",
            series(f"1 - slo:error_budget_remaining:ratio{MONEY}", _BUDGET),
            no_value=NO_BUDGET,
        ),
        chart(
            Frame(23, "Money: until it is gone", "At the pace of the last day.", (16, 42, 8, 8), burning),
            "s",
            series(f"slo:exhaustion:seconds{MONEY}", _BUDGET),
            no_value=NO_BUDGET,
        ),
    ]


BOARD = Board(
    uid="slo",
    folder="Services",
    source="slo",
    description="What was promised of 30 days, what is left of the error budgets, how fast they burn, until when.",
    variables=[
        values_of("service", "slo:target:ratio"),
        values_of("slo", 'slo:target:ratio{service=~"$service"}', "Objective"),
    ],
    panels=[
        *_objectives(),
        row(10, "Burn rates", 17),
        *_burn_rates(),
        row(20, "Money", 41),
        *_money(),
    ],
)
