"""Calls to language models, retrieval (RAG), and what the demo counts of its own."""

from ai_monitoring.metrics.catalog.buckets import CONFIDENCE, SESSION_SECONDS, WEB_SECONDS
from ai_monitoring.metrics.declaration import Kind, Metric

LLM_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0)
FIRST_TOKEN_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0)
STAGE_SECONDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0)
TOKENS_PER_SECOND = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 50.0, 75.0, 100.0, 150.0, 200.0, 500.0, 1000.0)
DOCUMENTS = (0.0, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0)

_MODEL = ("provider", "model")

LLM = (
    Metric(
        name="llm_requests_total",
        kind=Kind.COUNTER,
        help="Calls to a language model, by how they ended; a call that the client retried is one call.",
        labels=("provider", "model", "operation", "status"),
        open_labels=_MODEL,
    ),
    Metric(
        name="llm_request_duration_seconds",
        kind=Kind.HISTOGRAM,
        help="Time of a call to a language model, to the last token of its answer, retries included.",
        labels=("provider", "model", "operation"),
        open_labels=_MODEL,
        buckets=LLM_SECONDS,
        max_series=200,
    ),
    Metric(
        name="llm_time_to_first_token_seconds",
        kind=Kind.HISTOGRAM,
        help="Time from a streamed call to the first token of its answer.",
        labels=_MODEL,
        open_labels=_MODEL,
        buckets=FIRST_TOKEN_SECONDS,
        max_series=100,
    ),
    Metric(
        name="llm_output_tokens_per_second",
        kind=Kind.HISTOGRAM,
        help="Output tokens a second of a call: after the first token where it is streamed, else over its whole time.",
        labels=_MODEL,
        open_labels=_MODEL,
        buckets=TOKENS_PER_SECOND,
        max_series=100,
    ),
    Metric(
        name="llm_tokens_total",
        kind=Kind.COUNTER,
        help="Tokens by type; input holds cache_read and cache_write, output holds reasoning: input + output is all.",
        labels=("provider", "model", "type"),
        open_labels=_MODEL,
    ),
    Metric(
        name="llm_cost_total",
        kind=Kind.COUNTER,
        help="Cost of calls by list price or your own, in the configured currency.",
        labels=("provider", "model", "team", "project", "currency"),
        open_labels=("provider", "model", "team", "project"),
    ),
    Metric(
        name="llm_unpriced_requests_total",
        kind=Kind.COUNTER,
        help="Calls whose model has no known price: their cost is missing from llm_cost_total.",
        labels=_MODEL,
        open_labels=_MODEL,
        max_series=200,
    ),
    Metric(
        name="llm_estimated_requests_total",
        kind=Kind.COUNTER,
        help="Calls whose provider told no usage: their tokens and cost are estimated.",
        labels=_MODEL,
        open_labels=_MODEL,
        max_series=200,
    ),
    Metric(
        name="llm_rate_limited_total",
        kind=Kind.COUNTER,
        help="Answers of 429 from a provider, those that a retry mended included.",
        labels=_MODEL,
        open_labels=_MODEL,
        max_series=200,
    ),
    Metric(
        name="llm_cache_requests_total",
        kind=Kind.COUNTER,
        help="Calls that could be served from a prompt or answer cache, by result (hit, miss).",
        labels=("result",),
    ),
    Metric(
        name="llm_cost_saved_total",
        kind=Kind.COUNTER,
        help="Cost that caches saved, in the configured currency.",
        labels=("currency",),
    ),
)

RAG = (
    Metric(
        name="rag_queries_total",
        kind=Kind.COUNTER,
        help="Questions answered with retrieval, by strategy and status (ok, error, cancelled).",
        labels=("strategy", "status"),
        open_labels=("strategy",),
        max_series=100,
    ),
    Metric(
        name="rag_stage_duration_seconds",
        kind=Kind.HISTOGRAM,
        help="Time of one stage of retrieval: embedding, search, generation, or the application's own.",
        labels=("stage",),
        open_labels=("stage",),
        buckets=STAGE_SECONDS,
        max_series=50,
    ),
    Metric(
        name="rag_documents_retrieved",
        kind=Kind.HISTOGRAM,
        help="Documents that a search found.",
        labels=("strategy",),
        open_labels=("strategy",),
        buckets=DOCUMENTS,
        max_series=50,
    ),
    Metric(
        name="rag_confidence_score",
        kind=Kind.HISTOGRAM,
        help="Confidence in an answer, 0 to 1, as the application rates it.",
        labels=("strategy",),
        open_labels=("strategy",),
        buckets=CONFIDENCE,
        max_series=50,
    ),
)

FAQ = (
    Metric(
        name="faq_requests_total",
        kind=Kind.COUNTER,
        help="Questions to the FAQ, by endpoint and status code.",
        labels=("endpoint", "status"),
        open_labels=("endpoint",),
        max_series=100,
    ),
    Metric(
        name="faq_response_time_seconds",
        kind=Kind.HISTOGRAM,
        help="Time from a question to its answer, by strategy.",
        labels=("strategy",),
        open_labels=("strategy",),
        buckets=WEB_SECONDS,
        max_series=50,
    ),
    Metric(
        name="faq_confidence_score",
        kind=Kind.HISTOGRAM,
        help="Confidence in an answer of the FAQ, 0 to 1.",
        buckets=CONFIDENCE,
    ),
)

COACHING = (
    Metric(
        name="coaching_sessions_total",
        kind=Kind.COUNTER,
        help="Coaching sessions held, by channel.",
        labels=("channel",),
        open_labels=("channel",),
        max_series=20,
    ),
    Metric(
        name="coaching_session_duration_seconds",
        kind=Kind.HISTOGRAM,
        help="Length of a coaching session.",
        buckets=SESSION_SECONDS,
    ),
    Metric(
        name="training_plan_duration_seconds",
        kind=Kind.HISTOGRAM,
        help="Time to generate a training plan.",
        buckets=LLM_SECONDS,
    ),
)
