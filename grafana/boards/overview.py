"""Coaching IA - Overview: are the services well, what do they cost, what is wrong now."""

from grafana.boards.board import Board, intervals, row, values_of
from grafana.boards.links import alert_groups, board, errors_in_logs, runbook, runbooks
from grafana.boards.panels import SERVICES, Frame, Panel, chart, listing, number, state
from grafana.boards.queries import latencies, rows, series, value

UP = {"0": ("down", "red"), "1": ("up", "green")}
LIMITS = {"0": ("within limits", "green"), "1": ("above warning", "orange"), "2": ("above critical", "red")}
NO_CONTAINERS = "Containers are watched where Docker runs: see docs/docker.md."
_ERRORS = 'service:errors:ratio_rate5m{service=~"$service"}'


def _now() -> list[Panel]:
    above = " + ".join(
        f'({_ERRORS} > bool on () group_left () threshold:service_errors_ratio{{severity="{severity}"}})'
        for severity in ("warning", "critical")
    )
    return [
        state(
            Frame(
                1,
                "Services",
                "Whether every instance of a service answers scrapes. A service that is down here may still answer its "
                "users: the alerts below tell.",
                (0, 0, 6, 4),
                [runbook("service/ServiceDown")],
            ),
            UP,
            value('min by (service) (service:up{service=~"$service"})', "{{service}}"),
        ),
        state(
            Frame(
                2,
                "Failed requests",
                "Each service's share of failed requests against the thresholds of prometheus/rules/thresholds.yml.",
                (6, 0, 6, 4),
                [runbook("service/ServiceErrorRate")],
            ),
            LIMITS,
            value(above, "{{service}}"),
        ),
        number(
            Frame(
                3,
                "Spent on models within 24 hours",
                "By currency and by who counted it. Two may have counted the same call, so they are not added up.",
                (12, 0, 6, 4),
                [board("llm-costs"), runbook("llm/LLMCostHigh")],
            ),
            "none",
            value("sum by (currency, source) (llm:cost:increase1d)", "{{currency}}, {{source}}"),
        ),
        number(
            Frame(
                4,
                "Alerts that fire",
                "The dead man's switch, which always fires, is not counted.",
                (18, 0, 6, 4),
                [alert_groups()],
            ),
            "none",
            value('count(ALERTS{alertstate="firing", alertname!="Watchdog"}) or vector(0)', "firing"),
            value('count(ALERTS{alertstate="pending"}) or vector(0)', "about to"),
        ),
    ]


def _services() -> list[Panel]:
    return [
        chart(
            Frame(
                11,
                "Latency: 95 of 100 requests are faster",
                "Each point is a request with a trace: click it, then “Trace”. The dashed lines hold for Django. A "
                "request to Streamlit is a run of a page's script.",
                (0, 5, 12, 8),
                [runbook("django/DjangoSlow"), runbook("streamlit/StreamlitSlow")],
            ),
            "s",
            *latencies(),
            colours=SERVICES,
            limits="django_request_duration_seconds",
        ),
        chart(
            Frame(
                12,
                "Traffic: requests a second",
                "Over 5 minutes.",
                (12, 5, 12, 8),
                [runbook("service/ServiceDown"), runbook("capacity/ServiceNearCapacity")],
            ),
            "reqps",
            series('service:requests:rate5m{service=~"$service"}', "{{service}}"),
            colours=SERVICES,
        ),
        chart(
            Frame(
                13,
                "Errors: share of requests that fail",
                "Answers 5xx; script runs with an error in Streamlit. Over 5 minutes, absent without traffic. A line's "
                "name leads to that service's error lines.",
                (0, 13, 12, 8),
                [runbook("service/ServiceErrorRate")],
            ),
            "percentunit",
            series(_ERRORS, "{{service}}"),
            colours=SERVICES,
            limits="service_errors_ratio",
            data_links=[errors_in_logs()],
        ),
        chart(
            Frame(
                14,
                "Saturation: requests in progress, sessions",
                "What a service holds open now. Requests that only grow in number wait for something that hangs.",
                (12, 13, 12, 8),
            ),
            "none",
            series('service:requests_in_progress{service=~"$service"}', "{{service}}: requests"),
            series('service:sessions_active{service=~"$service"}', "{{service}}: sessions"),
        ),
    ]


def _machine() -> list[Panel]:
    return [
        chart(
            Frame(
                21,
                "Host: processor, memory, fullest disk",
                "Shares of what the machine has, over 5 minutes for the processor. Memory counts what programs cannot "
                "get, caches do not count.",
                (0, 22, 12, 7),
                [runbook("host/HostCPUHigh"), runbook("host/HostMemoryHigh"), runbook("host/HostDiskHigh")],
            ),
            "percentunit",
            series("host:cpu_used:ratio_rate5m", "processor"),
            series("host:memory_used:ratio", "memory"),
            series("max by (instance) (host:disk_used:ratio)", "fullest disk"),
        ),
        chart(
            Frame(
                22,
                "Spending on models an hour",
                "The present rate, over 5 minutes, by model.",
                (12, 22, 12, 7),
                [board("llm-costs")],
            ),
            "none",
            series(
                'sum by (model, currency, source) (llm:cost:rate5m{service=~"$service"}) * 3600',
                "{{model}}, {{currency}} ({{source}})",
            ),
        ),
        chart(
            Frame(
                23,
                "Containers: processors in use",
                "1 is one processor kept busy.",
                (0, 29, 8, 7),
            ),
            "none",
            series("sum by (service) (rate(container_cpu_seconds_total[$__rate_interval]))", "{{service}}"),
            colours=SERVICES,
            no_value=NO_CONTAINERS,
        ),
        chart(
            Frame(
                24,
                "Containers: share of the memory limit",
                "At 100 % the kernel ends the container's process.",
                (8, 29, 8, 7),
            ),
            "percentunit",
            series(
                "max by (service) (container_memory_bytes / (container_memory_limit_bytes > 0))",
                "{{service}}",
            ),
            colours=SERVICES,
            no_value=NO_CONTAINERS,
        ),
        listing(
            Frame(
                25,
                "Containers: up, restarts, out of memory",
                "How many containers of a service run; the rest is counted since each was made.",
                (16, 29, 8, 7),
            ),
            rows("sum by (service) (container_up)"),
            rows("sum by (service) (container_restarts_total)"),
            rows("sum by (service) (container_oom_kills_total)"),
            columns={"Value #A": "Up", "Value #B": "Restarts", "Value #C": "Out of memory"},
            no_value=NO_CONTAINERS,
        ),
    ]


def _alerts() -> Panel:
    return listing(
        Frame(
            31,
            "Active alerts",
            "What Prometheus has handed to Alertmanager, or is about to. Watchdog always fires, and shows that alerts "
            "work. The links lead to silences and to what to do.",
            (0, 37, 24, 7),
            [alert_groups(), runbooks()],
        ),
        rows("max by (alertname, severity, alertstate, service, model, job) (ALERTS)"),
        columns={
            "alertname": "Alert",
            "severity": "Severity",
            "alertstate": "State",
            "service": "Service",
            "model": "Model",
            "job": "Part of the watch",
        },
    )


BOARD = Board(
    uid="overview",
    folder="Services",
    source="overview",
    description="The three services: latency, traffic, errors, saturation; host and containers; cost; alerts.",
    variables=[values_of("service", "service:up"), intervals("1m", "5m", "15m", "1h", current="5m")],
    panels=[
        *_now(),
        row(10, "Services", 4),
        *_services(),
        row(20, "Host, containers and cost", 21),
        *_machine(),
        row(30, "Alerts", 36),
        _alerts(),
    ],
)
