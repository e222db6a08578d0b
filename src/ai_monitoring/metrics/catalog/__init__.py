"""Every metric of the house, declared once.

Rules, dashboards, runbooks and docs/metrics.md may name only what stands here or what a pinned exporter exposes; a
contract test refuses any other name. A histogram's buckets contain every threshold that prometheus/rules/thresholds.yml
sets on it, so that a threshold is never interpolated.
"""

from ai_monitoring.metrics.catalog.answers import ANSWERS, RECORDS
from ai_monitoring.metrics.catalog.compliance import COMPLIANCE
from ai_monitoring.metrics.catalog.house import DEPLOYMENTS, EMBEDDED, HOUSE
from ai_monitoring.metrics.catalog.llm import COACHING, FAQ, LLM, RAG
from ai_monitoring.metrics.catalog.machines import CONTAINERS, GPUS
from ai_monitoring.metrics.catalog.models import MODELS
from ai_monitoring.metrics.catalog.money import BUDGETS, LEDGER
from ai_monitoring.metrics.catalog.services import BETWEEN_SERVICES, DJANGO, FASTAPI, STREAMLIT
from ai_monitoring.metrics.declaration import Metric

_AREAS = (
    *(DJANGO, FASTAPI, BETWEEN_SERVICES, STREAMLIT, LLM, RAG, FAQ, COACHING),
    *(ANSWERS, RECORDS, BUDGETS, LEDGER, COMPLIANCE, MODELS, GPUS, CONTAINERS, DEPLOYMENTS, HOUSE, EMBEDDED),
)

CATALOG: dict[str, Metric] = {metric.name: metric for area in _AREAS for metric in area}
