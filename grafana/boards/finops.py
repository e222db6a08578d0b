"""FinOps: what is spent and by whom, what is left of each budget, what it brings, how far numbers can be trusted."""

from grafana.boards.board import Board, row, values_of
from grafana.boards.links import runbook
from grafana.boards.panels import Frame, Panel, chart, listing, number, ranking
from grafana.boards.queries import rows, series, value

SPENT = '{team=~"$team", project=~"$project"}'
NO_BUDGET = "No budget is set. See docs/finops.md."
NO_VALUE = "No request told its business value. See docs/finops.md."
NO_BILL = "No provider's bill was compared yet. See docs/finops.md."
_BUDGET = "{{scope}} {{name}}, {{period}}"
_AMOUNTS = {"limit:max": "Limit", "spent:max": "Spent", "forecast:max": "At its end"}


def _budgets() -> list[Panel]:
    used, over = [runbook("finops/BudgetUsed")], [runbook("finops/BudgetForecastOver")]
    return [
        listing(
            Frame(
                1,
                "Budgets",
                "What may be spent in the running period, what is, and what will be at its end, by the ledger.",
                (0, 0, 12, 8),
                used,
            ),
            *(rows(f"max by (scope, name, period, currency) (finops:budget_{name})") for name in _AMOUNTS),
            columns={
                **{label: label.capitalize() for label in ("scope", "name", "period", "currency")},
                **{f"Value #{letter}": title for letter, title in zip("ABC", _AMOUNTS.values(), strict=True)},
            },
            no_value=NO_BUDGET,
        ),
        ranking(
            Frame(2, "Share of each budget", "Spent and limit: 100 % is all of it.", (12, 0, 12, 8), used),
            "percentunit",
            value("finops:budget_used:ratio", _BUDGET),
            no_value=NO_BUDGET,
        ),
        _shares(3, "Budgets: spent", "used", (0, 8, 8, 8), ("warning", "critical")),
        _shares(4, "Budgets: forecast", "forecast", (8, 8, 8, 8), ("warning",)),
        chart(
            Frame(
                5,
                "Budgets: burn rate",
                "Over an hour; 1 spends a budget in just its period.",
                (16, 8, 8, 8),
                [runbook("slo/BudgetBurn"), *over],
            ),
            "none",
            series('slo:burn_rate:1h{slo="budget"}', _BUDGET),
            limits="slo_burn_rate_1h",
            severities=("critical",),
            no_value=NO_BUDGET,
        ),
    ]


def _shares(
    panel_id: int, title: str, name: str, place: tuple[int, int, int, int], severities: tuple[str, ...]
) -> Panel:
    alert = {"used": "BudgetUsed", "forecast": "BudgetForecastOver"}[name]
    return chart(
        Frame(panel_id, title, "Share of the limit, by the ledger.", place, [runbook(f"finops/{alert}")]),
        "percentunit",
        series(f"finops:budget_{name}:ratio", _BUDGET),
        limits=f"budget_{name}_ratio",
        severities=severities,
        no_value=NO_BUDGET,
    )


def _spend() -> list[Panel]:
    return [
        chart(
            Frame(
                panel_id, f"Spend by {label}", "Each bar is the money of an hour, as services count it.", (x, 17, 8, 8)
            ),
            "none",
            series(
                f"60 * sum by ({label}, currency) (sum_over_time(llm:cost:rate5m{SPENT}[1h:1m]))",
                f"{{{{{label}}}}}, {{{{currency}}}}",
            ),
            stacked=True,
            interval="1h",
        )
        for panel_id, label, x in ((11, "team", 0), (12, "project", 8), (13, "model", 16))
    ]


def _worth() -> list[Panel]:
    return [
        number(
            Frame(
                21,
                "Return on investment",
                "(value - cost) / cost of each project's month: 0 is what it costs, 1 twice that.",
                (0, 26, 8, 7),
            ),
            "percentunit",
            value('finops:roi:ratio{project=~"$project"}', "{{project}}"),
            no_value=NO_VALUE,
        ),
        chart(
            Frame(22, "Business value of 24 hours", "As applications tell it with their requests.", (8, 26, 8, 7)),
            "none",
            series('finops:business_value:increase1d{project=~"$project"}', "{{project}}, {{currency}}"),
            no_value=NO_VALUE,
        ),
        chart(
            Frame(23, "Saved by caches", "Money an hour, the providers' caches and the applications'.", (16, 26, 8, 7)),
            "none",
            series("3600 * sum by (currency) (llm:cost_saved:rate5m)", "{{currency}}"),
        ),
    ]


def _trust() -> list[Panel]:
    return [
        chart(
            Frame(
                31,
                "Calls without a price",
                "Of the last hour; their cost is missing from every sum.",
                (0, 34, 8, 7),
                [runbook("llm/LLMUnpricedModel")],
            ),
            "none",
            series("sum by (model) (llm:unpriced_requests:increase1h)", "{{model}}"),
            limits="llm_unpriced_requests",
            severities=("warning",),
        ),
        chart(
            Frame(
                32,
                "Requests missing from the ledger",
                "Within 15 minutes.",
                (8, 34, 8, 7),
                [runbook("finops/LedgerEntriesLost")],
            ),
            "none",
            series("sum(finops:ledger_lost:increase15m) or vector(0)", "lost"),
            limits="ledger_entries_lost",
            severities=("warning",),
        ),
        number(
            Frame(
                33,
                "Bills: gap to the ledger",
                "(billed - booked) / billed of each provider's last bill: above 0 the ledger misses some.",
                (16, 34, 8, 7),
                [runbook("finops/ReconciliationGap")],
            ),
            "percentunit",
            value("finops:reconciliation_gap:ratio", "{{provider}}"),
            no_value=NO_BILL,
        ),
    ]


BOARD = Board(
    uid="finops",
    folder="Services",
    source="finops",
    description="What is spent and by whom, what is left of budgets, what it brings, how far numbers can be trusted.",
    variables=[values_of("team", "llm:cost:rate5m"), values_of("project", "llm:cost:rate5m")],
    panels=[
        *_budgets(),
        row(10, "Spend", 16),
        *_spend(),
        row(20, "Worth", 25),
        *_worth(),
        row(30, "Trust", 33),
        *_trust(),
    ],
)
