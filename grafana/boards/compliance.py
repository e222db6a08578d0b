"""Compliance: personal data and its grounds, models, the AI Act; is the audit log whole, are erasures done."""

from grafana.boards.board import Board, row, values_of
from grafana.boards.links import runbook
from grafana.boards.panels import SERVICES, Frame, Panel, chart
from grafana.boards.queries import series

OF = '{service=~"$service"}'
NO_REQUESTS = "No service records AI requests. See docs/compliance.md."
NO_FOLDER = "No service keeps an audit log: monitoring.yaml names no compliance.folder. See docs/compliance.md."


def _requests() -> list[Panel]:
    return [
        chart(
            Frame(
                1,
                "Personal data by type and direction",
                "Findings a minute, in prompts that went to a provider and in answers; none that was redacted before.",
                (0, 0, 12, 8),
                [runbook("compliance/PersonalDataSent")],
            ),
            "none",
            series(f"60 * sum by (direction, type) (ai:personal_data:rate5m{OF})", "{{direction}}: {{type}}"),
            no_value=NO_REQUESTS,
        ),
        chart(
            Frame(
                2,
                "Requests without consent by purpose",
                "Within an hour, as the alert reads it. `unstated`: the request named no purpose.",
                (12, 0, 12, 8),
                [runbook("compliance/ConsentMissing")],
            ),
            "none",
            series(f"sum by (purpose) (ai:requests_without_consent:increase1h{OF})", "{{purpose}}"),
            limits="requests_without_consent",
            severities=["critical"],
            no_value=NO_REQUESTS,
        ),
        chart(
            Frame(
                3,
                "Requests to models that are not approved",
                "Within an hour, as the alert reads it; the register is `compliance: models:` in monitoring.yaml.",
                (0, 8, 12, 8),
                [runbook("compliance/UnapprovedModelUsed")],
            ),
            "none",
            series(f"sum by (model) (ai:unapproved_model_requests:increase1h{OF})", "{{model}}"),
            limits="unapproved_model_requests",
            severities=["critical"],
            no_value=NO_REQUESTS,
        ),
        chart(
            Frame(
                4,
                "Requests by category of the EU's AI Act",
                "A minute, over 5 minutes: by purpose and model, the worst of them.",
                (12, 8, 12, 8),
                [runbook("compliance/ProhibitedAIUse")],
            ),
            "none",
            series(f"60 * sum by (category) (ai:act_requests:rate5m{OF})", "{{category}}"),
            no_value=NO_REQUESTS,
        ),
    ]


def _log() -> list[Panel]:
    return [
        chart(
            Frame(11, "Audit entries by action", "Written a minute, over 5 minutes.", (0, 17, 8, 8)),
            "none",
            series(f"60 * sum by (action) (ai:audit_events:rate5m{OF})", "{{action}}"),
            no_value=NO_FOLDER,
        ),
        chart(
            Frame(
                12,
                "Audit entries lost",
                "Within an hour: too many waited, or they could not be written.",
                (8, 17, 8, 8),
                [runbook("compliance/AuditEntriesLost")],
            ),
            "none",
            series(f"ai:audit_events_lost:increase1h{OF}", "{{service}}"),
            colours=SERVICES,
            limits="audit_events_lost",
            severities=["critical"],
            no_value=NO_FOLDER,
        ),
        chart(
            Frame(
                13,
                "Audit log not whole",
                "1 where the last verification found it changed, cut or not readable; it runs each hour.",
                (16, 17, 8, 8),
                [runbook("compliance/AuditChainBroken")],
            ),
            "none",
            series(f"ai:audit_chain_broken{OF}", "{{service}}"),
            colours=SERVICES,
            limits="audit_chain_broken",
            severities=["critical"],
            no_value=NO_FOLDER,
        ),
        chart(
            Frame(14, "Audit entries kept", "Of the log that each service looks after.", (0, 25, 12, 8)),
            "none",
            series(f"ai:audit_entries{OF}", "{{service}}"),
            colours=SERVICES,
            no_value=NO_FOLDER,
        ),
        chart(
            Frame(
                15,
                "Age of the oldest audit entry",
                "It stays below `compliance.retention_days`, which is 365 unless monitoring.yaml says otherwise.",
                (12, 25, 12, 8),
            ),
            "s",
            series(f"ai:audit_oldest_entry_age_seconds{OF}", "{{service}}"),
            colours=SERVICES,
            no_value=NO_FOLDER,
        ),
    ]


def _erasures() -> list[Panel]:
    failed = [runbook("compliance/ErasureFailed")]
    return [
        chart(
            Frame(21, "Erasures", "Runs within a day, by how they ended.", (0, 34, 12, 8), failed),
            "none",
            series(f"sum by (status) (ai:erasures:increase1d{OF})", "{{status}}"),
            no_value=NO_FOLDER,
        ),
        chart(
            Frame(
                22, "Erasures not complete", "Persons for whom a step failed: run it again.", (12, 34, 12, 8), failed
            ),
            "none",
            series(f"ai:erasures_pending{OF}", "{{service}}"),
            colours=SERVICES,
            limits="erasures_pending",
            severities=["warning"],
            no_value=NO_FOLDER,
        ),
    ]


BOARD = Board(
    uid="compliance",
    folder="AI",
    source="compliance",
    description="Personal data, consent, approved models, the EU's AI Act; the audit log, and the right to erasure.",
    variables=[values_of("service", "ai:act_requests:rate5m")],
    panels=[*_requests(), row(10, "Audit log", 16), *_log(), row(20, "Right to erasure", 33), *_erasures()],
)
