"""Budgets, and the ledger that knows them."""

from ai_monitoring.metrics.declaration import Kind, Metric

_BUDGET = ("scope", "name", "period", "currency")


def _budget(name: str, help_: str) -> Metric:
    """Budgets are those of monitoring.yaml, so their names need no cap here."""
    return Metric(name=f"ai_budget_{name}", kind=Kind.GAUGE, help=help_, labels=_BUDGET)


BUDGETS = (
    _budget(
        "limit",
        "Money that a team, project or model (scope) may spend in a period (day, week, month; in `time_zone`).",
    ),
    _budget("spent", "Money of a budget that is spent since its period began."),
    _budget("forecast", "Money of a budget that will be spent when its period ends, as the ledger expects."),
)

LEDGER = (
    Metric(
        name="ai_business_value_total",
        kind=Kind.COUNTER,
        help="What requests brought, as applications told it, by the ledger: each request once.",
        labels=("project", "currency"),
        open_labels=("project",),
    ),
    Metric(
        name="ai_roi_ratio",
        kind=Kind.GAUGE,
        help="(value - cost) / cost of a project's current month by the ledger; missing without a value or a cost.",
        labels=("project",),
        open_labels=("project",),
    ),
    Metric(
        name="ai_reconciliation_gap_ratio",
        kind=Kind.GAUGE,
        help="(billed - booked) / billed of the provider's bill compared last: above 0 the ledger misses some.",
        labels=("provider",),
        open_labels=("provider",),
    ),
    Metric(
        name="ai_reconciliation_timestamp_seconds",
        kind=Kind.GAUGE,
        help="When the provider's bill was last compared with the ledger.",
        labels=("provider",),
        open_labels=("provider",),
    ),
    Metric(
        name="ai_monitoring_ledger_entries_total",
        kind=Kind.COUNTER,
        help="Entries for the ledger by outcome: booked, known (booked before), lost (it did not answer for too long).",
        labels=("outcome",),
    ),
    Metric(
        name="ai_monitoring_ledger_entries_waiting",
        kind=Kind.GAUGE,
        help="Entries in memory that are not in the ledger yet.",
    ),
)
