"""The incidents that can be rehearsed, and those that only days would show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ai_monitoring.simulate.conditions import Condition, attempted, halted, ordered
from ai_monitoring.simulate.memory import memory_pressure

LOGIN = ("POST", "/api/login/", {"username": "ada", "password": "guessed"})
PROBES = (
    ("GET", "/api/../../../../etc/passwd", None),
    ("GET", "/api/me/?id=1'%20OR%20'1'='1", None),
    ("GET", "/wp-login.php", None),
    ("GET", "/api/me/?next=<script>alert(1)</script>", None),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One incident: `does` is what happens, `alert` of that severity and labels is what it raises.

    Seconds, at most: `rises` until the rule's expression is true, `falls` until it is false again once the condition
    is over. `minutes` is about how long a whole rehearsal takes.
    """

    name: str
    does: str
    condition: Condition
    alert: str
    severity: str
    labels: Mapping[str, str] = field(default_factory=dict)
    rises: float = 240.0
    falls: float = 480.0
    minutes: int

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether an alert with these labels is the one that is raised."""
        wanted = {"alertname": self.alert, "severity": self.severity, **self.labels}
        return wanted.items() <= labels.items()

    def as_json(self) -> dict[str, Any]:
        shown = {"name": self.name, "does": self.does, "alert": self.alert, "severity": self.severity}
        return {**shown, "labels": dict(self.labels), "minutes": self.minutes}


DJANGO, FASTAPI = {"service": "django"}, {"service": "fastapi"}

SCENARIOS = (
    Scenario(
        name="django-slow",
        does="each request to Django waits 1.3 s for its database",
        condition=ordered("django", query_seconds="1.3"),
        alert="DjangoSlow",
        severity="critical",
        labels=DJANGO,
        minutes=9,
    ),
    Scenario(
        name="llm-slow",
        does="the provider takes 4 s for each answer",
        condition=ordered("llm-upstream", x_demo_latency="4"),
        alert="LLMSlow",
        severity="warning",
        labels=FASTAPI,
        rises=360,
        minutes=13,
    ),
    Scenario(
        name="auth-failures",
        does="somebody guesses a password at Django, twice a second",
        condition=attempted("django", [LOGIN], every=0.5),
        alert="AuthFailures",
        severity="critical",
        labels=DJANGO,
        falls=240,
        minutes=5,
    ),
    Scenario(
        name="memory-pressure",
        does="a program takes memory until 2 % more than the warning allows are in use",
        condition=memory_pressure,
        alert="HostMemoryHigh",
        severity="warning",
        falls=120,
        minutes=8,
    ),
    Scenario(
        name="service-down",
        does="the Streamlit page is stopped",
        condition=halted("streamlit"),
        alert="ServiceDown",
        severity="critical",
        labels={"service": "streamlit"},
        rises=60,
        falls=180,
        minutes=4,
    ),
    Scenario(
        name="provider-fails",
        does="the provider answers each call with 500",
        condition=ordered("llm-upstream", x_demo_status="500"),
        alert="LLMErrorRate",
        severity="critical",
        labels=FASTAPI,
        minutes=10,
    ),
    Scenario(
        name="provider-limits",
        does="the provider answers each call's first attempt with 429",
        condition=ordered("llm-upstream", x_demo_fail_first="1", x_demo_retry_after="0.3"),
        alert="LLMRateLimited",
        severity="critical",
        labels=FASTAPI,
        rises=480,
        falls=900,
        minutes=15,
    ),
    Scenario(
        name="spending-spike",
        does="each call costs ten times as much, its prompt having 4,000 tokens",
        condition=ordered("llm-upstream", x_demo_input_tokens="4000"),
        alert="LLMTokensHigh",
        severity="critical",
        labels=FASTAPI,
        minutes=13,
    ),
    Scenario(
        name="intrusion",
        does="somebody probes Django twice a second: path traversal, SQL, scripts, WordPress",
        condition=attempted("django", PROBES, every=0.5),
        alert="IntrusionAttempts",
        severity="critical",
        labels=DJANGO,
        minutes=7,
    ),
    Scenario(
        name="confidence-drop",
        does="the provider changes its embedding model, so that the FAQ's entries are no longer found",
        condition=ordered("llm-upstream", x_demo_embedding="another"),
        alert="RAGLowConfidence",
        severity="warning",
        labels=FASTAPI,
        rises=900,
        falls=1200,
        minutes=30,
    ),
)

NOT_REHEARSED = {
    "only hours or days would show it, or it would fire for as long afterwards": (
        "ServiceAvailability", "ErrorBudgetBurn", "LLMCostHigh", "LLMUnpricedModel", "HostDiskFilling"
    ),
    "it comes along with an incident above (llm-slow, provider-fails), and has none of its own": (
        "AIRequestSlow", "ServiceErrorRate"
    ),
    "no order makes the demo do it": (
        "AnswerConfidenceLow", "AnswersHallucinated", "AnswersToxic", "AnswersBiased", "PromptAttacks",
        "PersonalDataSent", "ConsentMissing", "UnapprovedModelUsed", "ProhibitedAIUse",
        "BudgetUsed", "BudgetForecastOver", "BudgetBurn",
        "ServiceProbeFailing", "ServiceMetricsUnreachable", "ServiceNearCapacity", "DatabaseConnectionsHigh",
        "StreamlitSlow",
    ),
    "the whole machine would suffer": ("HostCPUHigh", "HostDiskHigh"),
    "containers would have to fail, which the demo may not have": (
        "ContainerRestarting", "ContainerOOMKilled", "ContainerUnhealthy"
    ),
    "the demo has none of what it is about": (
        "ReconciliationGap",
        "GPUTemperatureHigh", "GPUMemoryHigh", "GPUThrottled", "GPUXIDError", "GPUECCError", "GPUMissing",
        "ModelAccuracyLow", "ModelQualityDropped", "ModelPredictionsSlow", "ModelPredictionErrors",
        "ModelDataDrift", "ModelDrift", "ModelNotEvaluated",
    ),
    "the watch itself would have to be broken, which is to tell of the rehearsal": (
        "TargetDown", "ExporterFailing", "RetentionHeld", "IncidentLogFailing", "ThresholdMissing", "SeriesCapped",
        "LogLinesLost", "LogQueueFilling", "EmbeddedStoreRefuses",
        "AIRecordsLost", "LedgerEntriesLost", "AuditEntriesLost", "AuditChainBroken", "ErasureFailed",
        "PrometheusRuleFailing", "PrometheusNotificationsFailing", "PrometheusConfigInvalid",
        "PrometheusTargetsFileInvalid", "AlertmanagerNotificationsFailing", "AlertmanagerConfigInvalid",
    ),
    "it always fires": ("Watchdog",),
}  # fmt: skip
"""For each reason the alerts that no incident causes; promtool proves them at and before their bounds (tests/rules)."""


def find(name: str) -> Scenario | None:
    return next((scenario for scenario in SCENARIOS if scenario.name == name), None)
