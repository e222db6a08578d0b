"""docs/metrics.md, written from the catalogue: `python -m ai_monitoring.metrics.table` in the repository's root."""

from collections.abc import Iterator
from pathlib import Path

from ai_monitoring.metrics.catalog import answers, compliance, house, llm, machines, models, money, services
from ai_monitoring.metrics.declaration import Kind, Metric

FILE = Path("docs/metrics.md")
SECTIONS = {
    "Django": services.DJANGO,
    "FastAPI, Starlette and other ASGI applications": services.FASTAPI,
    "Streamlit": services.STREAMLIT,
    "Between services": services.BETWEEN_SERVICES,
    "Calls to language models": llm.LLM,
    "Retrieval (RAG)": llm.RAG,
    "FAQ demo": llm.FAQ,
    "Coaching demo": llm.COACHING,
    "What answers are worth": answers.ANSWERS,
    "Recorded AI requests": answers.RECORDS,
    "Budgets": money.BUDGETS,
    "The ledger": money.LEDGER,
    "Compliance": compliance.COMPLIANCE,
    "Trained models": models.MODELS,
    "GPUs": machines.GPUS,
    "Containers": machines.CONTAINERS,
    "Deployments": house.DEPLOYMENTS,
    "The house itself": house.HOUSE,
    "The embedded backend": house.EMBEDDED,
}
_HEAD = """\
<!-- Written by `python -m ai_monitoring.metrics.table` from src/ai_monitoring/metrics/catalog. Edit that. -->

# Metrics

Every metric that ai-monitoring exposes. Units stand in the names: `_seconds`, `_bytes`, `_ratio` (0 to 1). A histogram
appears as `_bucket` (with the label `le`), `_sum` and `_count`. Prometheus adds `job`, `instance` and `service`.

The values of a label in *italics* come from the application. Once a metric has as many label sets as its cap, further
ones are counted under `other`, and `ai_monitoring_series_dropped_total` counts them.
"""


def render() -> str:
    """The whole page, as Markdown."""
    sections = (_section(title, metrics) for title, metrics in SECTIONS.items())
    return "\n".join((_HEAD, *sections))


def _section(title: str, metrics: tuple[Metric, ...]) -> str:
    rows = "\n".join(_row(metric) for metric in metrics)
    table = f"## {title}\n\n| metric | kind | labels | cap | meaning |\n|---|---|---|---|---|\n{rows}\n"
    buckets = "\n".join(_buckets(metrics))
    return f"{table}\nBuckets, as upper bounds:\n\n{buckets}\n" if buckets else table


def _row(metric: Metric) -> str:
    labels = " ".join(f"*`{label}`*" if label in metric.open_labels else f"`{label}`" for label in metric.labels)
    cap = metric.max_series if metric.open_labels else ""
    return f"| `{metric.name}` | {metric.kind} | {labels} | {cap} | {metric.help} |"


def _buckets(metrics: tuple[Metric, ...]) -> Iterator[str]:
    for metric in metrics:
        if metric.kind is Kind.HISTOGRAM:
            yield f"- `{metric.name}`: {' '.join(f'{bound:g}' for bound in metric.buckets)}"


if __name__ == "__main__":
    FILE.write_text(render(), encoding="utf-8")
