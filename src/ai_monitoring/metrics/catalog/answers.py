"""What recorded AI requests are worth, and how they are recorded."""

from ai_monitoring.metrics.catalog.buckets import CONFIDENCE
from ai_monitoring.metrics.declaration import Kind, Metric

EVALUATOR_SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0)

ANSWERS = (
    Metric(
        name="ai_answers_evaluated_total",
        kind=Kind.COUNTER,
        help="Answers that a check looked at (hallucination, toxicity, bias): what the shares of found ones refer to.",
        labels=("check",),
    ),
    Metric(
        name="ai_hallucinations_total",
        kind=Kind.COUNTER,
        help="Answers that say what their sources do not, by how sure the check is (low, medium, high).",
        labels=("confidence",),
    ),
    Metric(
        name="ai_toxicity_total",
        kind=Kind.COUNTER,
        help="Toxic answers; one counts once, under its gravest category.",
        labels=("category",),
    ),
    Metric(
        name="ai_bias_total",
        kind=Kind.COUNTER,
        help="Biased answers; one counts once, under its gravest category.",
        labels=("category",),
    ),
    Metric(
        name="ai_answer_confidence",
        kind=Kind.HISTOGRAM,
        help="Confidence in an answer, 0 to 1.",
        buckets=CONFIDENCE,
    ),
    Metric(
        name="ai_quality_score",
        kind=Kind.HISTOGRAM,
        help="Quality of an answer, 0 to 1, by dimension (relevance, grounding, ...).",
        labels=("dimension",),
        open_labels=("dimension",),
        buckets=CONFIDENCE,
        max_series=20,
    ),
    Metric(
        name="ai_prompt_attacks_total",
        kind=Kind.COUNTER,
        help="Prompts that try to make a model leave its instructions, by kind.",
        labels=("kind",),
    ),
    Metric(
        name="ai_sentiment_score",
        kind=Kind.HISTOGRAM,
        help="Mood of an answer: 0 negative, 0.5 neutral, 1 positive.",
        buckets=CONFIDENCE,
    ),
    Metric(
        name="ai_answer_confidence_falls_total",
        kind=Kind.COUNTER,
        help="Times at which it became certain that the confidence in answers has fallen (Page-Hinkley test).",
    ),
)

RECORDS = (
    Metric(
        name="ai_requests_recorded_total",
        kind=Kind.COUNTER,
        help="AI requests that the collector took, by way (record, submit, llm); one seen twice counts once.",
        labels=("way",),
    ),
    Metric(
        name="ai_requests_repeated_total",
        kind=Kind.COUNTER,
        help="AI requests that came a second time under the same request id, and were not counted again.",
    ),
    Metric(
        name="ai_requests_clamped_total",
        kind=Kind.COUNTER,
        help="Values of AI requests that could not be true, such as negative times, and were put right, by field.",
        labels=("field",),
    ),
    Metric(
        name="ai_monitoring_records_lost_total",
        kind=Kind.COUNTER,
        help="AI requests that were handed over and never recorded, by reason (queue_full, stopped, failed).",
        labels=("reason",),
    ),
    Metric(
        name="ai_monitoring_records_waiting",
        kind=Kind.GAUGE,
        help="AI requests that wait to be recorded.",
    ),
    Metric(
        name="ai_monitoring_dimension_failures_total",
        kind=Kind.COUNTER,
        help="Readings of AI requests that failed, by dimension (technical, cognitive, finops, devops, compliance).",
        labels=("dimension",),
    ),
    Metric(
        name="ai_monitoring_evaluator_runs_total",
        kind=Kind.COUNTER,
        help="Runs of an evaluator by outcome (ok, error, timeout).",
        labels=("evaluator", "outcome"),
        open_labels=("evaluator",),
        max_series=200,
    ),
    Metric(
        name="ai_monitoring_evaluator_duration_seconds",
        kind=Kind.HISTOGRAM,
        help="Time that an evaluator took for one AI request.",
        labels=("evaluator",),
        open_labels=("evaluator",),
        buckets=EVALUATOR_SECONDS,
        max_series=50,
    ),
)
