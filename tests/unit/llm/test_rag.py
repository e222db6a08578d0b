"""Queries and stages of retrieval: what they count, log and trace."""

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics.exposition import generate_latest
from recorded_spans import Recorder, recorded_spans

from ai_monitoring.llm import rag
from ai_monitoring.llm.rag.journal import low_confidence

Value = Callable[..., float | None]


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def value(registry: CollectorRegistry) -> Value:
    """A sample's value by its name and labels."""
    return lambda name, **labels: registry.get_sample_value(name, labels)


@pytest.fixture
def errors(value: Value) -> Callable[[], float]:
    return lambda: value("ai_monitoring_instrumentation_errors_total", component="rag") or 0


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level(logging.INFO, "ai_monitoring.rag")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "ai_monitoring.rag"]


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with recorded_spans() as recorder:
        yield recorder


def test_a_query_counts_strategy_stages_documents_and_confidence(registry: CollectorRegistry, value: Value) -> None:
    with rag.query("hybrid", registry) as query:
        with query.stage("embedding"):
            pass
        with query.stage("search"):
            query.documents(3)
        query.confidence(0.82)

    assert value("rag_queries_total", strategy="hybrid", status="ok") == 1
    assert value("rag_queries_total", strategy="hybrid", status="error") == 0
    assert value("rag_stage_duration_seconds_count", stage="embedding") == 1
    assert value("rag_stage_duration_seconds_count", stage="search") == 1
    assert value("rag_documents_retrieved_sum", strategy="hybrid") == 3
    assert value("rag_confidence_score_sum", strategy="hybrid") == 0.82


def test_a_strategy_chosen_late_holds_for_the_whole_query(registry: CollectorRegistry, value: Value) -> None:
    with rag.query(registry=registry) as query:
        query.documents(2)
        query.choose("lexical")
        query.choose("vector")

    assert query.strategy == "vector"
    assert value("rag_queries_total", strategy="vector", status="ok") == 1
    assert value("rag_queries_total", strategy="lexical", status="ok") == 0
    assert value("rag_documents_retrieved_count", strategy="vector") == 1


def test_a_query_without_a_strategy_counts_under_none(registry: CollectorRegistry, value: Value) -> None:
    with rag.query(registry=registry):
        pass

    assert value("rag_queries_total", strategy="none", status="ok") == 1


def test_what_was_not_told_is_not_observed(registry: CollectorRegistry, value: Value) -> None:
    with rag.query("hybrid", registry):
        pass

    assert value("rag_documents_retrieved_count", strategy="hybrid") is None
    assert value("rag_confidence_score_count", strategy="hybrid") is None


def test_an_exception_passes_untouched_and_counts_as_an_error(
    registry: CollectorRegistry, value: Value, lines: Callable[[], list[str]]
) -> None:
    error = LookupError("no index")

    with (
        pytest.raises(LookupError) as caught,
        rag.query("hybrid", registry) as query,
        query.stage("search"),
    ):
        raise error

    assert caught.value is error
    assert error.__context__ is None
    assert value("rag_queries_total", strategy="hybrid", status="error") == 1
    assert value("rag_stage_duration_seconds_count", stage="search") == 1
    assert not any(line.startswith("Answered") for line in lines())


@pytest.mark.parametrize("wrong", [1.01, -0.01, math.nan, math.inf, "high", None])
def test_a_wrong_confidence_is_counted_and_ignored(
    registry: CollectorRegistry, value: Value, errors: Callable[[], float], wrong: Any
) -> None:
    with rag.query("hybrid", registry) as query:
        query.confidence(0.6)
        query.confidence(wrong)

    assert value("rag_confidence_score_sum", strategy="hybrid") == 0.6
    assert errors() == 1


def test_documents_may_be_told_by_their_ids(registry: CollectorRegistry, value: Value) -> None:
    with rag.query("hybrid", registry) as query:
        query.documents(["faq-1", "", "faq-2"])
        assert rag.current_query().document_ids == ("faq-1", "faq-2")

    assert value("rag_documents_retrieved_sum", strategy="hybrid") == 3
    assert rag.current_query().document_ids == ()


@pytest.mark.parametrize("wrong", [-1, 2.5, ["faq-1", 5], [b"faq-1"], "faq-1", None])
def test_a_wrong_number_of_documents_is_counted_and_ignored(
    registry: CollectorRegistry, value: Value, errors: Callable[[], float], wrong: Any
) -> None:
    with rag.query("hybrid", registry) as query:
        query.documents(wrong)

    assert value("rag_documents_retrieved_count", strategy="hybrid") is None
    assert errors() == 1


def test_a_text_in_the_place_of_a_name_becomes_no_label(
    registry: CollectorRegistry, value: Value, errors: Callable[[], float]
) -> None:
    with rag.query("How do I get rid of anna@example.org?", registry), rag.stage("x" * 65, registry):
        pass

    assert value("rag_queries_total", strategy="other", status="ok") == 1
    assert value("rag_stage_duration_seconds_count", stage="other") == 1
    assert b"anna" not in generate_latest(registry)
    assert errors() == 2


def test_a_stage_outside_of_a_query(registry: CollectorRegistry, value: Value) -> None:
    with rag.stage("search", registry), rag.stage("reranking", registry):
        pass

    assert value("rag_stage_duration_seconds_count", stage="search") == 1
    assert value("rag_stage_duration_seconds_count", stage="reranking") == 1


async def test_async_blocks(registry: CollectorRegistry, value: Value) -> None:
    async with rag.query("hybrid", registry) as query, query.stage("generation"):
        await asyncio.sleep(0)

    assert value("rag_queries_total", strategy="hybrid", status="ok") == 1
    assert value("rag_stage_duration_seconds_count", stage="generation") == 1


async def test_a_cancelled_query(registry: CollectorRegistry, value: Value) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01), rag.query("hybrid", registry):
            await asyncio.sleep(5)

    assert value("rag_queries_total", strategy="hybrid", status="cancelled") == 1


def test_decorated_functions_reach_their_query(registry: CollectorRegistry, value: Value) -> None:
    @rag.stage("search", registry)
    def search(word: str) -> list[str]:
        rag.current_query().documents(2)
        return [word, word]

    @rag.query("lexical", registry)
    def answer(word: str) -> str:
        rag.current_query().confidence(0.9)
        return search(word)[0]

    assert [answer("a"), answer("b")] == ["a", "b"]
    assert answer.__name__ == "answer"
    assert value("rag_queries_total", strategy="lexical", status="ok") == 2
    assert value("rag_stage_duration_seconds_count", stage="search") == 2
    assert value("rag_documents_retrieved_sum", strategy="lexical") == 4
    assert value("rag_confidence_score_count", strategy="lexical") == 2


async def test_decorated_coroutines_that_overlap(registry: CollectorRegistry, value: Value) -> None:
    @rag.query(registry=registry)
    async def answer(strategy: str) -> None:
        rag.current_query().choose(strategy)
        await asyncio.sleep(0)
        rag.current_query().confidence(0.5)

    await asyncio.gather(answer("a"), answer("b"))

    for strategy in "ab":
        assert value("rag_queries_total", strategy=strategy, status="ok") == 1
        assert value("rag_confidence_score_count", strategy=strategy) == 1


def test_a_decorated_generator_is_open_until_it_is_read(registry: CollectorRegistry, value: Value) -> None:
    @rag.query("stream", registry)
    def tokens() -> Iterator[str]:
        yield "a"
        rag.current_query().confidence(0.7)
        yield "b"

    stream = tokens()
    assert next(stream) == "a"
    assert value("rag_queries_total", strategy="stream", status="ok") == 0
    assert list(stream) == ["b"]
    assert value("rag_queries_total", strategy="stream", status="ok") == 1
    assert value("rag_confidence_score_count", strategy="stream") == 1


async def test_an_answer_that_nobody_reads_to_its_end_is_cancelled(registry: CollectorRegistry, value: Value) -> None:
    @rag.query("stream", registry)
    async def tokens() -> AsyncIterator[str]:
        yield "a"
        yield "b"

    stream: Any = tokens()
    assert await anext(stream) == "a"
    await stream.aclose()
    assert value("rag_queries_total", strategy="stream", status="cancelled") == 1


def test_the_current_query_ends_with_its_block(registry: CollectorRegistry) -> None:
    with rag.query("outer", registry) as outer:
        with rag.query("inner", registry) as inner:
            assert rag.current_query() is inner
        assert rag.current_query() is outer

    rag.current_query().documents(3)
    assert rag.current_query().strategy == "none"


def test_log_lines(
    registry: CollectorRegistry, lines: Callable[[], list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    question = "Who is Anna Muster, anna.muster@example.org"
    with rag.query(registry=registry) as query:
        query.question(question)
        query.choose("hybrid")
        query.documents(3)
        query.confidence(0.81)

    received, chosen, answered = lines()
    assert received == "Question received: [withheld, 43 characters]"
    assert chosen == "Strategy chosen: hybrid"
    assert answered == "Answered in 0.00 s with confidence 0.81"
    facts = caplog.records[-1].__dict__
    assert (facts["strategy"], facts["documents"], facts["confidence"]) == ("hybrid", 3, 0.81)
    assert "Anna" not in str([record.__dict__ for record in caplog.records])


def test_a_question_is_logged_without_personal_data_where_that_is_switched_on(
    registry: CollectorRegistry, lines: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AI_MONITORING_LOG_PROMPTS", "redacted")
    with rag.query(registry=registry) as query:
        query.question("What does anna@example.org\nERROR eat?")
        query.question("long " * 1000)

    short, long, *_ = lines()
    assert short == "Question received: What does [email] ERROR eat?"
    assert 1000 < len(long) < 2000
    assert long.endswith("…")


def test_a_question_that_cannot_be_redacted_is_withheld(
    registry: CollectorRegistry, lines: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(text: str) -> str:
        raise RecursionError

    monkeypatch.setenv("AI_MONITORING_LOG_PROMPTS", "redacted")
    monkeypatch.setattr("ai_monitoring.telemetry.redaction.redact", broken)
    with rag.query(registry=registry) as query:
        query.question("What?")

    assert lines()[0] == "Question received: [withheld, 5 characters]"


def test_low_confidence_is_a_warning(
    registry: CollectorRegistry, lines: Callable[[], list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    for confidence in (0.5, 0.499):
        with rag.query("hybrid", registry) as query:
            query.confidence(confidence)

    low = [line for line in lines() if line.startswith("Low confidence")]
    assert low == ["Low confidence: 0.50, below 0.50, with strategy hybrid"]
    assert caplog.records[-1].levelname == "WARNING"
    assert caplog.records[-1].__dict__["confidence"] == 0.499


@pytest.mark.parametrize("wrong", ["high", "1.5", "-0.1", "nan"])
def test_a_wrong_threshold_is_told(wrong: str) -> None:
    assert low_confidence({}) == 0.5
    assert low_confidence({"AI_MONITORING_LOW_CONFIDENCE": "0.7"}) == 0.7
    with pytest.raises(ValueError, match="AI_MONITORING_LOW_CONFIDENCE"):
        low_confidence({"AI_MONITORING_LOW_CONFIDENCE": wrong})


def test_stages_are_spans_of_their_query(registry: CollectorRegistry, recorder: Recorder) -> None:
    with rag.query(registry=registry) as query:
        query.choose("hybrid")
        with query.stage("search"), rag.stage("reranking", registry):
            query.documents(3)
        query.confidence(0.4)

    top, search, reranking = (recorder[name] for name in ("strategy hybrid", "search", "reranking"))
    assert top.parent is None
    assert search.parent == top.context
    assert reranking.parent == search.context
    expected = {"rag.strategy": "hybrid", "rag.status": "ok", "rag.documents": 3, "rag.confidence": 0.4}
    assert top.attributes == expected


def test_stages_in_other_threads_are_spans_of_their_query(
    registry: CollectorRegistry, recorder: Recorder, value: Value
) -> None:
    def search(query: rag.Query, name: str) -> None:
        with query.stage(name):
            pass

    with rag.query("hybrid", registry) as query, ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: search(query, name), ["lexical", "vector"]))

    assert recorder["lexical"].parent == recorder["vector"].parent == recorder["strategy hybrid"].context
    assert value("rag_stage_duration_seconds_count", stage="vector") == 1


def test_a_failed_stage_tells_the_class_and_not_the_text(registry: CollectorRegistry, recorder: Recorder) -> None:
    with pytest.raises(ValueError, match="Anna"), rag.stage("generation", registry):
        raise ValueError("Anna has no plan")

    span = recorder["generation"]
    assert not span.status.is_ok
    assert span.attributes == {"rag.stage": "generation", "error.type": "ValueError"}
    assert "Anna" not in span.to_json()


def test_a_stream_read_in_other_contexts_logs_no_error(
    registry: CollectorRegistry,
    recorder: Recorder,
    value: Value,
    caplog: pytest.LogCaptureFixture,
) -> None:
    @rag.query("stream", registry)
    def tokens() -> Iterator[str]:
        yield "a"

    stream = tokens()
    # As Starlette reads a generator: each item in a context of its own.
    assert [copy_context().run(next, stream, None) for _ in range(2)] == ["a", None]

    assert value("rag_queries_total", strategy="stream", status="ok") == 1
    assert "strategy stream" in recorder.names()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_exemplars_carry_the_span_of_the_stage(registry: CollectorRegistry, recorder: Recorder) -> None:
    with rag.stage("search", registry):
        pass

    context = recorder["search"].context
    expected = f'{{span_id="{context.span_id:016x}",trace_id="{context.trace_id:032x}"}}'
    assert expected in generate_latest(registry).decode()
