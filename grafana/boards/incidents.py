"""Incidents: what is open, what was opened and how long it took, and whether messages reach people."""

from grafana.boards.board import Board, choice, intervals
from grafana.boards.links import alert_groups, board, runbook, runbooks
from grafana.boards.panels import Frame, Panel, chart, lines, number
from grafana.boards.queries import log_lines, log_series, series, value

SEVERITIES = ("critical", "warning", "info", "other")
_CHOSEN = '{severity=~"$severity"}'
_OPEN = 'incidents:open{severity=~"$severity", status="open"}'
_ACKNOWLEDGED = 'incidents:open{severity=~"$severity", status="acknowledged"}'
_EVENTS = '{service_name="incidents"} | event!="" | event!="sign_of_life" | alert_severity=~"$severity"'
_PEOPLE = '{integration=~"slack|email"}'


def _now() -> list[Panel]:
    return [
        number(
            Frame(
                1,
                "Open now",
                "Of the chosen severities. The incident log's own page (port 9095) and `ai-monitoring alerts` "
                "list them, and acknowledge.",
                (0, 0, 6, 4),
                [alert_groups(), runbooks()],
            ),
            "none",
            value(f"sum({_OPEN})", "nobody has acknowledged"),
            value(f"sum({_ACKNOWLEDGED})", "acknowledged"),
        ),
        number(
            Frame(
                2,
                "Open now, by severity",
                "Acknowledged or not. A severity of your own counts as `other`.",
                (6, 0, 6, 4),
                [alert_groups()],
            ),
            "none",
            value(f"sum by (severity) (incidents:open{_CHOSEN})", "{{severity}}"),
        ),
        number(
            Frame(
                3,
                "Opened within 24 hours",
                "An alert that ends and fires again is a new incident.",
                (12, 0, 6, 4),
                [board("overview")],
            ),
            "none",
            value(f"incidents:opened:increase1d{_CHOSEN}", "{{severity}}"),
        ),
        number(
            Frame(
                4,
                "Last sign of life",
                "How long ago Watchdog, the alert that always fires, came through Prometheus and Alertmanager to the "
                "incident log. It comes about once an hour: what is older says that alerts do not arrive.",
                (18, 0, 6, 4),
                [runbook("watch/Watchdog")],
            ),
            "s",
            value("incidents:sign_of_life_age:seconds", "ago"),
        ),
    ]


def _history() -> list[Panel]:
    return [
        chart(
            Frame(11, "Open incidents", "At each moment, acknowledged or not.", (0, 4, 12, 8)),
            "none",
            series(f"sum by (severity) (incidents:open{_CHOSEN})", "{{severity}}"),
        ),
        chart(
            Frame(12, "Opened per day", "At each moment, those of the 24 hours before.", (12, 4, 12, 8)),
            "none",
            series(f"incidents:opened:increase1d{_CHOSEN}", "{{severity}}"),
        ),
        chart(
            Frame(
                13,
                "Mean time to acknowledge",
                "From an incident's start until somebody acknowledged it; those acknowledged within the 7 days before. "
                "What ended by itself is not counted.",
                (0, 12, 12, 8),
            ),
            "s",
            series(f"incidents:acknowledge_seconds:mean7d{_CHOSEN}", "{{severity}}"),
        ),
        chart(
            Frame(
                14,
                "Mean time to resolve",
                "From an incident's start to its end; those that ended within the 7 days before.",
                (12, 12, 12, 8),
            ),
            "s",
            series(f"incidents:duration_seconds:mean7d{_CHOSEN}", "{{severity}}"),
        ),
    ]


def _messages() -> list[Panel]:
    return [
        chart(
            Frame(
                21,
                "What happened",
                "Entries of the incident log within each interval: opened, notified, acknowledged, noted, escalated, "
                "resolved.",
                (0, 20, 12, 8),
            ),
            "none",
            log_series(f"sum by (event) (count_over_time({_EVENTS} [$interval]))", "{{event}}"),
            stacked=True,
            interval="$interval",
        ),
        chart(
            Frame(
                22,
                "Messages to people, and those that failed",
                "By Slack and by e-mail, within each interval, as Alertmanager counts them: all that it tried, and of "
                "these the failed ones.",
                (12, 20, 12, 8),
                [runbook("watch/AlertmanagerNotificationsFailing")],
            ),
            "none",
            series(
                f"sum by (integration) (increase(alertmanager_notifications_total{_PEOPLE}[$interval]))",
                "{{integration}}",
            ),
            series(
                f"sum by (integration) (increase(alertmanager_notifications_failed_total{_PEOPLE}[$interval]))",
                "{{integration}}, failed",
            ),
        ),
        lines(
            Frame(
                31,
                "The incident log",
                "Its newest 500 lines. Open a line for the incident's number: its page (port 9095, "
                "`/incidents/NUMBER`) and `ai-monitoring alerts show NUMBER` tell its whole story, notes included.",
                (0, 28, 24, 12),
            ),
            log_lines(_EVENTS),
        ),
    ]


BOARD = Board(
    uid="incidents",
    folder="Services",
    source="incidents",
    description="What is open, what was opened and how long it took, and whether messages reach people.",
    variables=[
        choice("severity", "Severity", *SEVERITIES),
        intervals("5m", "15m", "1h", "6h", "1d", current="15m"),
    ],
    panels=[*_now(), *_history(), *_messages()],
)
