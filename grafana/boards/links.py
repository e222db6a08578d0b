"""Where panels and boards lead to: runbooks, neighbour boards, logs."""

from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.models.dashboard import DashboardLinkType

DOCS = "https://github.com/ai-monitoring/ai-monitoring/blob/main/docs"
TITLES = {
    "overview": "Coaching IA - Overview",
    "ai": "AI Monitoring Overview",
    "technical": "Technical",
    "cognitive": "Cognitive",
    "devops": "DevOps",
    "incidents": "Incidents",
    "llm-costs": "LLM costs & usage",
    "faq-rag": "FAQ & RAG",
    "slo": "SLO & error budgets",
    "finops": "FinOps",
    "security": "Security & Auth",
    "compliance": "Compliance",
    "logs": "Logs & Debugging",
}
"""The boards' titles by their uid."""


def runbook(name: str) -> DashboardLink:
    """The runbook of an alert, such as `llm/LLMSlow`."""
    return _link(f"Runbook: {name.partition('/')[2]}", f"{DOCS}/runbooks/{name}.md").target_blank(True)


def alert_groups() -> DashboardLink:
    """Alertmanager's alerts, silences among them, in Grafana's own pages."""
    return _link("Alertmanager's alerts and silences", "/alerting/groups?alertmanager=Alertmanager")


def runbooks() -> DashboardLink:
    return _link("All runbooks", f"{DOCS}/runbooks/README.md").target_blank(True)


def board(uid: str) -> DashboardLink:
    """A board, at the same time range and with the variables that it shares."""
    return _link(TITLES[uid], f"/d/{uid}").keep_time(True).include_vars(True)


def errors_in_logs() -> DashboardLink:
    """From a point of a series with a label `service` to that service's error lines."""
    chosen = "var-service=${__field.labels.service}&var-level=error&var-level=critical"
    return _link("Error lines of this service", f"/d/logs?{chosen}&${{__url_time_range}}")


def neighbours(uid: str) -> list[DashboardLink]:
    """Links at the top of a board: the other boards."""
    return [board(other) for other in TITLES if other != uid]


def _link(title: str, url: str) -> DashboardLink:
    return DashboardLink(title).type(DashboardLinkType.LINK).url(url)
